package dev.noesis.fuzz;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.ScheduleSet;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The table "Input that is wrong" of the contracts, row by row: its answer, and that the lane goes on. */
class WrongInputTest {
    private static final Topics TOPICS = new Topics("");
    private static final Pattern BETWEEN = Pattern.compile(" \\| ");

    /**
     * A row of the table.
     *
     * @param given {@code raw:} the value; {@code run:} what a good request has besides; else named below
     */
    record Case(String topic, String input, String answer, String given) {
        @Override
        public String toString() {
            return topic + ": " + input;
        }
    }

    private static final List<Case> CASES = List.of(
            new Case("chat.requests", "no value", "dead", "null"),
            new Case("chat.requests", "an empty value", "dead", "raw:"),
            new Case("chat.requests", "no JSON, or a JSON that breaks off", "dead", "raw:{\"runId\":"),
            new Case("chat.requests", "JSON that is no object", "dead", "raw:[]"),
            new Case("chat.requests", "JSON with something behind it", "dead", "run+:} trailing"),
            new Case("chat.requests", "a name twice in one object", "dead", "raw:{\"runId\":\"r9\",\"runId\":\"r8\"}"),
            new Case("chat.requests", "NaN, Infinity", "dead", "raw:{\"runId\":\"r9\",\"deadlineMs\":NaN}"),
            new Case("chat.requests", "more than 500 levels", "dead", "deep"),
            new Case("chat.requests", "bytes that are no UTF-8; UTF-16", "dead", "utf16"),
            new Case("chat.requests", "a byte order mark in front", "taken", "bom"),
            new Case(
                    "chat.requests",
                    "no key, an empty one, one of other characters or of more than 200, `~chat`",
                    "dead",
                    "key"),
            new Case(
                    "chat.requests",
                    "no `runId`, one that is no text, is too long, or holds control characters",
                    "dead",
                    "raw:{\"threadId\":\"t1\",\"runId\":7}"),
            new Case(
                    "chat.requests",
                    "a `threadId` that breaks the same rules",
                    "invalid_request",
                    "raw:{\"runId\":\"r9\",\"messages\":[]}"),
            new Case(
                    "chat.requests",
                    "a `runId` or `threadId` that begins with `heartbeat-`",
                    "invalid_request",
                    "raw:{\"threadId\":\"t1\",\"runId\":\"heartbeat-k1\"}"),
            new Case(
                    "chat.requests",
                    "an `agentId` that is not the key",
                    "invalid_request",
                    "run:\"agentId\":\"grace\""),
            new Case(
                    "chat.requests",
                    "a field of the wrong type, a number out of its range, a deadline that is not positive",
                    "invalid_request",
                    "run:\"forwardedProps\":{\"noesis\":{\"deadlineMs\":-1}}"),
            new Case(
                    "chat.requests",
                    "half of a surrogate pair in any text",
                    "invalid_request",
                    "run:\"parentRunId\":\"\\ud800\""),
            new Case(
                    "chat.requests",
                    "a field of AG-UI's that this release does not act on, and not empty",
                    "invalid_request",
                    "run:\"tools\":[{\"name\":\"mine\"}]"),
            new Case(
                    "chat.requests",
                    "a name under `forwardedProps.noesis` that is not known",
                    "invalid_request",
                    "run:\"forwardedProps\":{\"noesis\":{\"temperature\":1}}"),
            new Case("chat.requests", "any other name that is not known", "taken", "run:\"somethingNew\":1"),
            new Case("chat.requests", "a `type` that is not known", "invalid_request", "run:\"type\":\"pause\""),
            new Case("chat.requests", "more than 4 MiB, 10 MB", "invalid_request", "large"),
            new Case("chat.requests", "a run that is known, whatever else the request says", "noesis.duplicate", "dup"),
            new Case(
                    "chat.requests",
                    "a cancel of a run that is not known or has ended",
                    "noesis.cancel_ignored",
                    "raw:{\"type\":\"cancel\",\"threadId\":\"t1\",\"runId\":\"r9\"}"),
            new Case(
                    "chat.requests",
                    "a cancel or a deletion that breaks the contract, or names another agent",
                    "dead",
                    "raw:{\"type\":\"delete\",\"agentId\":\"grace\"}"),
            new Case(
                    "chat.requests",
                    "a `traceparent` that breaks its rules, headers without a value, 1,000 headers",
                    "taken",
                    "headers"),
            new Case("heartbeat.ticks", "no value, no JSON, no usable key: as above", "dead", "raw:{"),
            new Case(
                    "heartbeat.ticks",
                    "no `tickId`, a field of the wrong type or out of its range, a check that there is not",
                    "dead",
                    "raw:{\"tickId\":\"k1\",\"deadlineMs\":-1}"),
            new Case(
                    "heartbeat.ticks",
                    "a `tickId` that begins with `schedule/`",
                    "dead",
                    "raw:{\"tickId\":\"schedule/1\"}"),
            new Case(
                    "heartbeat.ticks",
                    "a name that is not known",
                    "no_findings",
                    "raw:{\"tickId\":\"k1\",\"somethingNew\":1}"),
            new Case("heartbeat.ticks", "more than 5 MiB", "dead", "large"),
            new Case(
                    "heartbeat.ticks",
                    "a `tickId` that was seen in the last 7 days, or whose run is known",
                    "duplicate",
                    "dup"),
            new Case("agent.signals", "no value, no JSON, no usable key: as above", "dead", "raw:"),
            new Case(
                    "agent.signals",
                    "a `type` that is not known",
                    "dead",
                    "raw:{\"type\":\"question\",\"signalId\":\"s1\",\"summary\":\"x\"}"),
            new Case(
                    "agent.signals",
                    "no `signalId` or `summary`, a field of the wrong type or too long",
                    "dead",
                    "raw:{\"signalId\":\"s1\",\"summary\":7}"),
            new Case(
                    "agent.signals",
                    "a reaction without `fingerprint` or `action`, with a field of the wrong type or too long, or `until`"
                            + " without `dismiss`",
                    "dead",
                    "raw:{\"type\":\"reaction\",\"fingerprint\":\"e366e6c741f53d9f\"}"),
            new Case(
                    "agent.signals",
                    "a reaction to a finding that the agent does not have",
                    "reacted",
                    "raw:{\"type\":\"reaction\",\"fingerprint\":\"e366e6c741f53d9f\",\"action\":\"resolve\"}"),
            new Case(
                    "agent.signals",
                    "a tuning without `check`, of `signals`, without `every` and `pinned`, or with a field of the wrong type or"
                            + " out of its range",
                    "dead",
                    "raw:{\"type\":\"tuning\",\"check\":\"signals\",\"every\":\"PT10M\"}"),
            new Case(
                    "agent.signals",
                    "a tuning of a check that there is not",
                    "tuned",
                    "raw:{\"type\":\"tuning\",\"check\":\"disks\",\"every\":null}"),
            new Case(
                    "agent.signals",
                    "a name that is not known",
                    "kept",
                    "raw:{\"signalId\":\"s1\",\"summary\":\"x\",\"somethingNew\":1}"),
            new Case("agent.signals", "more than `heartbeat.max.signals` of an agent", "dead", "overflow"),
            new Case("heartbeat.schedules", "no value", "scheduled", "null"),
            new Case("heartbeat.schedules", "no JSON, no usable key: as above", "dead", "key"),
            new Case(
                    "heartbeat.schedules",
                    "no `enabled`, a field of the wrong type or out of its range, `every` and `cron` at once",
                    "dead",
                    "raw:{\"enabled\":true,\"every\":\"PT1S\"}"),
            new Case(
                    "heartbeat.schedules",
                    "a zone, a cron expression, a check or a model that there is not",
                    "dead",
                    "raw:{\"enabled\":true,\"cron\":\"0 9 * *\"}"),
            new Case(
                    "heartbeat.schedules",
                    "one by which nothing is ever due",
                    "dead",
                    "raw:{\"enabled\":true,\"cron\":\"0 0 30 2 *\"}"),
            new Case(
                    "heartbeat.schedules",
                    "a name that is not known",
                    "scheduled",
                    "raw:{\"enabled\":true,\"somethingNew\":1}"),
            new Case("heartbeat.schedules", "more than 5 MiB", "dead", "large"));

    @TempDir
    private Path stateDir;

    static Stream<Case> cases() {
        return CASES.stream();
    }

    @Test
    void theTableHasTheseRowsInThisOrder() throws IOException {
        Path page = Path.of(System.getProperty("basedir", "")).resolve("src/site/markdown/contracts.md");
        List<String> rows = Files.readString(page)
                .lines()
                .dropWhile(line -> !line.equals("## Input that is wrong"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `"))
                .map(line -> List.of(BETWEEN.split(line, -1)))
                .map(cells -> cells.get(0).substring(2).replace("`", "") + ": " + cells.get(1))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(CASES.stream().map(Case::toString).toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itHasItsAnswerAndTheLaneGoesOn(Case row) {
        try (TestLane lane = row.topic().equals(TOPICS.chatRequests())
                ? TestLane.chat(stateDir)
                : TestLane.heartbeat(stateDir, "heartbeat.max.signals=1")) {
            if (row.given().equals("dup") || row.given().equals("overflow")) {
                lane.read(row.topic(), Json.tree(good(row.topic(), "before")));
                answers(lane, row.topic());
            }
            take(lane, row);
            lane.settle();
            assertThat(answers(lane, row.topic())).containsExactly(row.answer());

            lane.read(row.topic(), "well", Json.tree(good(row.topic(), "after")));

            assertThat(answers(lane, row.topic())).containsExactly(goodAnswer(row.topic()));
        }
    }

    private static void take(TestLane lane, Case row) {
        byte[] key = row.given().equals("key") ? "~chat".getBytes(UTF_8) : "ada".getBytes(UTF_8);
        RecordHeaders headers = new RecordHeaders();
        if (row.given().equals("headers")) {
            headers.add("traceparent", "00-1-2-00".getBytes(UTF_8)).add("empty", null);
            for (int i = 0; i < 1_000; i++) {
                headers.add("h" + i, new byte[10]);
            }
        }
        lane.take(row.topic(), key, value(row), headers);
    }

    private static byte[] value(Case row) {
        String good = good(row.topic(), "r9");
        String given = row.given();
        if (given.startsWith("raw:")) {
            return given.substring(4).getBytes(UTF_8);
        }
        if (given.startsWith("run:")) {
            return ("{" + given.substring(4) + "," + good.substring(1)).getBytes(UTF_8);
        }
        return switch (given) {
            case "null" -> null;
            case "run+:} trailing" -> (good + "} trailing").getBytes(UTF_8);
            case "deep" -> ("{\"a\":" + "[".repeat(501) + "]".repeat(501) + "," + good.substring(1)).getBytes(UTF_8);
            case "utf16" -> good.getBytes(UTF_16);
            case "bom" -> ("\uFEFF" + good).getBytes(UTF_8);
            case "large" -> ("{\"a\":\"" + "x".repeat(10_000_000) + "\"," + good.substring(1)).getBytes(UTF_8);
            case "dup" ->
                good(row.topic(), "before").replace("hello", "something else").getBytes(UTF_8);
            default -> good.getBytes(UTF_8);
        };
    }

    private static String good(String topic, String id) {
        if (topic.equals(TOPICS.heartbeatTicks())) {
            return "{\"tickId\":\"" + id + "\"}";
        }
        if (topic.equals(TOPICS.heartbeatSchedules())) {
            return "{\"enabled\":true}";
        }
        return topic.equals(TOPICS.agentSignals())
                ? "{\"signalId\":\"" + id + "\",\"summary\":\"hello\"}"
                : "{\"threadId\":\"" + id + "\",\"runId\":\"" + id
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    }

    private static String goodAnswer(String topic) {
        if (topic.equals(TOPICS.heartbeatTicks())) {
            return "no_findings";
        }
        if (topic.equals(TOPICS.heartbeatSchedules())) {
            return "scheduled";
        }
        return topic.equals(TOPICS.agentSignals()) ? "kept" : "taken";
    }

    /** What came of the records since the last look; what is taken is looked at and ended. */
    private static List<String> answers(TestLane lane, String topic) {
        boolean chat = topic.equals(TOPICS.chatRequests());
        List<String> answers = new ArrayList<>();
        lane.deadLetters(chat ? TOPICS.chatDlq() : TOPICS.heartbeatDlq()).forEach(reason -> {
            assertThat(reason).isNotBlank();
            answers.add("dead");
        });
        if (chat) {
            lane.written(TOPICS.chatReplies())
                    .forEach(reply -> answers.add(reply.path("code").asString()));
            lane.streamed().stream()
                    .filter(event -> event.path("type").asString().equals("CUSTOM"))
                    .forEach(event -> answers.add(event.path("name").asString()));
            lane.effects.modelCalls.forEach(_ -> answers.add("taken"));
            lane.effects.modelCalls.clear();
        } else {
            for (JsonNode outcome : lane.written(TOPICS.heartbeatOutcomes())) {
                answers.add(outcome.path("skipReason").asString());
            }
            if (topic.equals(TOPICS.heartbeatSchedules()) && answers.isEmpty()) {
                assertThat(lane.log().bodies(ScheduleSet.class)).isNotEmpty();
                answers.add("scheduled");
            }
            if (topic.equals(TOPICS.agentSignals()) && answers.isEmpty()) {
                boolean kept = !lane.kept("signals", "s").isEmpty();
                boolean isReaction = !lane.log().bodies(FindingReacted.class).isEmpty();
                assertThat(kept
                                || isReaction
                                || !lane.log().bodies(CheckTuned.class).isEmpty())
                        .isTrue();
                answers.add(kept ? "kept" : isReaction ? "reacted" : "tuned");
            }
        }
        return answers;
    }
}
