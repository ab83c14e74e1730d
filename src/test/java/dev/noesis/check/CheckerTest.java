package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.Story.Logged;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.Reaction;
import dev.noesis.model.ScheduledTick;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** A checker that finds nothing may be blind: each of its rules is shown a history that breaks it. */
class CheckerTest {
    private static final Topics TOPICS = Story.TOPICS;
    private static final String FINGERPRINT = "e366e6c741f53d9f";

    @Test
    void aHistoryWithoutFaultHasNoViolation() {
        Report report = check(new Story().history());

        assertThat(report.violations()).isEmpty();
        assertThat(report.chatEndings()).isEqualTo(Map.of("success", 1, "model_unavailable", 1, "cancelled", 1));
        assertThat(report.checkpoints())
                .isEqualTo(Map.of(Lane.CHAT, new Report.Checked(1, 0, 0), Lane.HEARTBEAT, new Report.Checked(1, 0, 0)));
        assertThat(report.comparisons()).isOne();
        assertThat(report.deaths()).isZero();
    }

    private static Report check(History history) {
        return Checker.check(history, Circumstances.DRAINED);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("a lost reply", Rule.ONE_REPLY, story -> story.drop(TOPICS.chatReplies(), "r1")),
                fault("a reply twice", Rule.ONE_REPLY, story -> story.repeat(TOPICS.chatReplies(), "r1")),
                fault(
                        "a lost reply of a run that never began",
                        Rule.ONE_REPLY,
                        story -> story.drop(TOPICS.chatReplies(), "r3")),
                fault(
                        "a reply that tells another end",
                        Rule.ONE_REPLY,
                        story -> story.edit(TOPICS.chatReplies(), "r2", reply -> reply.put("code", "internal"))),
                fault(
                        "a run that does not end",
                        Rule.ONE_REPLY,
                        story -> story.log.remove(story.logged("r2/0/failed/0.3"))),
                fault("a run that was answered and is not in the log", Rule.ONE_REPLY, story -> {
                    story.log.remove(story.logged("r2/opened"));
                    story.log.remove(story.logged("r2/0/failed/0.3"));
                }),
                fault(
                        "a reply that nobody asked for",
                        Rule.REQUESTS,
                        story -> story.edit(TOPICS.chatReplies(), "r4", reply -> reply.put("runId", "r5"))),
                fault("a request that is not refused", Rule.REQUESTS, story -> story.drop(TOPICS.chatReplies(), "r4")),
                fault(
                        "a duplicate whose sender is not told",
                        Rule.REQUESTS,
                        story -> story.drop(TOPICS.chatEvents(), "noesis.duplicate")),
                fault(
                        "replies in another order than their runs",
                        Rule.ORDER,
                        story -> swap(story.of(TOPICS.chatReplies()), 0, 1)),
                fault(
                        "runs in another order than their requests",
                        Rule.ORDER,
                        story -> story.log.set(
                                story.logged("r2/opened"),
                                new Logged(Story.AGENT, Story.opened(Lane.CHAT, "c1", "r2", -1)))),
                fault(
                        "a reply with the words of an attempt that lost",
                        Rule.FIRST_WINS,
                        story -> story.edit(
                                TOPICS.chatReplies(),
                                "r1",
                                reply -> ((ObjectNode) reply.path("result")
                                                .path("messages")
                                                .path(2))
                                        .put("content", "Too late."))),
                fault(
                        "a reply that names a model which did not answer",
                        Rule.FIRST_WINS,
                        story -> story.edit(
                                TOPICS.chatReplies(),
                                "r1",
                                reply -> ((ObjectNode) reply.path("result")).put("model", "another"))),
                fault(
                        "a charge that nobody made",
                        Rule.FIRST_WINS,
                        story -> story.edit(
                                TOPICS.chatReplies(),
                                "r1",
                                reply -> ((ObjectNode) reply.path("usage")).put("totalTokens", 45))),
                fault(
                        "a run that begins while another of its thread goes on",
                        Rule.ONE_STEP,
                        story -> move(story.log, story.logged("r2/opened"), story.logged("r1/1/completed/0.1"))),
                fault(
                        "a step that is answered before its time",
                        Rule.ONE_STEP,
                        story -> move(story.log, story.logged("r1/1/completed/0.1"), story.logged("r1/0/tool/u1"))),
                fault(
                        "two heartbeat runs of an agent at a time",
                        Rule.ONE_STEP,
                        story -> story.log.add(
                                story.logged("heartbeat-k1/0/tool/u1"),
                                new Logged(Story.AGENT, Story.opened(Lane.HEARTBEAT, "h1", "heartbeat-k2", -1)))),
                fault(
                        "a lane's store that is not what the log folds to",
                        Rule.CHECKPOINTS,
                        story -> story.log.set(
                                story.logged("checkpoint/chat/12"),
                                new Logged("~chat", Story.checkpoint(Lane.CHAT, 12, "00ff")))),
                fault(
                        "a checkpoint of what is not in the log yet",
                        Rule.CHECKPOINTS,
                        story -> story.log.set(
                                story.logged("checkpoint/chat/12"),
                                new Logged("~chat", Story.checkpoint(Lane.CHAT, 99, "")))),
                fault("a gap in a stream", Rule.STREAM_NUMBERS, story -> story.drop(TOPICS.chatEvents(), "One ")),
                fault(
                        "an event of a stream twice",
                        Rule.STREAM_NUMBERS,
                        story -> story.repeat(TOPICS.chatEvents(), "One ")),
                fault(
                        "a stream of no run",
                        Rule.STREAM_NUMBERS,
                        story ->
                                story.edit(TOPICS.heartbeatEvents(), "RUN_STARTED", event -> event.put("runId", "r9"))),
                fault(
                        "a stream without its end",
                        Rule.STREAM_NUMBERS,
                        story -> story.drop(TOPICS.chatEvents(), "RUN_ERROR")),
                fault(
                        "other words streamed than answered",
                        Rule.STREAM_TEXT,
                        story -> story.edit(TOPICS.chatEvents(), "moment.", event -> event.put("delta", "minute."))),
                fault(
                        "a tick without an outcome",
                        Rule.TICKS,
                        story ->
                                story.add(TOPICS.heartbeatTicks(), Json.object().put("tickId", "k2"))),
                fault(
                        "a tick that counts twice",
                        Rule.TICKS,
                        story -> story.edit(
                                TOPICS.heartbeatOutcomes(), "duplicate", outcome -> outcome.put("skipReason", "busy"))),
                fault(
                        "a tick with an outcome too many",
                        Rule.TICKS,
                        story -> story.repeat(TOPICS.heartbeatOutcomes(), "duplicate")),
                fault(
                        "a tick that the scheduler made twice",
                        Rule.TICKS,
                        story -> story.repeat(TOPICS.heartbeatOutcomes(), "schedule/")),
                fault(
                        "a tick that no schedule made due",
                        Rule.TICKS,
                        story -> story.edit(
                                TOPICS.heartbeatOutcomes(),
                                "schedule/",
                                outcome -> outcome.put(
                                        "tickId",
                                        outcome.path("tickId").asString().replace(":00Z", ":01Z")))),
                fault(
                        "a tick that is named as the scheduler's, and another agent's",
                        Rule.TICKS,
                        story -> story.edit(
                                TOPICS.heartbeatOutcomes(),
                                "schedule/",
                                outcome -> outcome.put(
                                        "tickId",
                                        outcome.path("tickId")
                                                .asString()
                                                .replaceFirst("/[0-9a-f]{16}/", "/0000000000000000/")))),
                fault(
                        "a schedule that the log does not tell of",
                        Rule.REQUESTS,
                        story -> story.log.remove(story.logged("schedule/0"))),
                fault(
                        "a schedule that is wrong and is no dead letter",
                        Rule.DEAD_LETTERS,
                        story -> story.add(
                                TOPICS.heartbeatSchedules(), Json.object().put("every", "PT1H"))),
                fault(
                        "a reaction that the log does not tell of",
                        Rule.REQUESTS,
                        story -> story.add(TOPICS.agentSignals(), reaction("resolve"))),
                fault(
                        "a reaction that is wrong and is no dead letter",
                        Rule.DEAD_LETTERS,
                        story -> story.add(TOPICS.agentSignals(), reaction("ignore"))),
                fault(
                        "a tuning that the log does not tell of",
                        Rule.REQUESTS,
                        story -> story.add(TOPICS.agentSignals(), tuning("PT10M"))),
                fault(
                        "a tuning that is wrong and is no dead letter",
                        Rule.DEAD_LETTERS,
                        story -> story.add(TOPICS.agentSignals(), tuning("PT0S"))),
                fault("a run of a due tick whose end nobody tells", Rule.TICKS, story -> {
                    String run = "heartbeat-" + new ScheduledTick(Story.AGENT, 0).id();
                    story.log.add(new Logged(Story.AGENT, Story.openedBy("h1", run)));
                    story.log.add(new Logged(Story.AGENT, Story.cancelled("h1", run)));
                }),
                fault(
                        "an outcome of no tick",
                        Rule.TICKS,
                        story -> story.add(
                                TOPICS.heartbeatOutcomes(),
                                Json.object().put("tickId", "k9").put("status", "skipped"))),
                fault(
                        "one tick with two runs",
                        Rule.TICKS,
                        story -> story.log.add(
                                new Logged(Story.AGENT, Story.opened(Lane.HEARTBEAT, "h1", "heartbeat-k2", -1)))),
                fault(
                        "an outcome of a run that has not finished",
                        Rule.FINDINGS,
                        story -> story.log.remove(story.logged("heartbeat-k1/0/tool/u1"))),
                fault(
                        "an outcome that tells another decision",
                        Rule.FINDINGS,
                        story -> story.edit(
                                TOPICS.heartbeatOutcomes(),
                                "notified",
                                outcome -> ((ObjectNode)
                                                outcome.path("findings").path(0))
                                        .put("decision", "acknowledge"))),
                fault(
                        "an outcome that names a model that did not answer",
                        Rule.FINDINGS,
                        story -> story.edit(
                                TOPICS.heartbeatOutcomes(), "notified", outcome -> outcome.put("model", "another"))),
                fault(
                        "a finding that no tick raised",
                        Rule.FINDINGS,
                        story -> story.log.remove(story.logged("tick/k1/raised"))),
                fault(
                        "a human told of what nobody decided",
                        Rule.FINDINGS,
                        story -> story.edit(
                                TOPICS.agentAttention(), "f1", attention -> attention.put("fingerprint", "f2"))),
                fault("a human told twice", Rule.FINDINGS, story -> story.repeat(TOPICS.agentAttention(), "f1")),
                fault(
                        "a dead letter that is missing",
                        Rule.DEAD_LETTERS,
                        story -> story.drop(TOPICS.chatDlq(), "not JSON")),
                fault("a dead letter twice", Rule.DEAD_LETTERS, story -> story.repeat(TOPICS.chatDlq(), "not JSON")),
                fault(
                        "a dead letter that could be answered",
                        Rule.DEAD_LETTERS,
                        story -> story.add(
                                TOPICS.chatDlq(),
                                Story.AGENT,
                                new byte[0],
                                Map.of(
                                        "noesis_topic",
                                        "chat.requests",
                                        "noesis_partition",
                                        "0",
                                        "noesis_offset",
                                        "0"))),
                fault("a record without a header of the contract", Rule.RECORDS, story -> {
                    Map<String, String> headers = new HashMap<>(Story.headers("k1/f1"));
                    headers.remove("traceparent");
                    story.drop(TOPICS.agentAttention(), "f1");
                    story.add(TOPICS.agentAttention(), Story.AGENT, Json.write(Story.attention()), headers);
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void whatIsWrongIsFound(String name, Rule broken, Consumer<Story> spoil) {
        Story story = new Story();
        spoil.accept(story);

        assertThat(check(story.history()).violations())
                .as(name)
                .extracting(Violation::rule)
                .contains(broken);
    }

    @Test
    void aLogThatWasChangedAfterTheLanesReadItIsFound() {
        RecordedHistory history = new Story().history();
        Map<String, List<Seen>> records = new HashMap<>(history.records());
        List<Seen> log = new ArrayList<>(history.of(TOPICS.mindLog()));
        log.replaceAll(record -> record.withValue(new String(record.value(), UTF_8)
                .replace("One moment.", "Two moments")
                .getBytes(UTF_8)));
        records.put(TOPICS.mindLog(), log);

        assertThat(check(new RecordedHistory(TOPICS, 1, records)).violations())
                .filteredOn(violation -> violation.rule() == Rule.CHECKPOINTS)
                .hasSize(2)
                .allSatisfy(violation -> assertThat(violation.what()).contains("not the one that the lane folded"));
    }

    @Test
    void aLogWithAGapOrWithGarbageIsFound() {
        RecordedHistory history = new Story().history();
        Map<String, List<Seen>> records = new HashMap<>(history.records());
        List<Seen> log = new ArrayList<>(history.of(TOPICS.mindLog()));
        log.remove(3);
        records.put(TOPICS.mindLog(), log);
        assertThat(check(new RecordedHistory(TOPICS, 1, records)).violations())
                .extracting(Violation::rule)
                .contains(Rule.LOG);

        log.clear();
        log.addAll(history.of(TOPICS.mindLog()));
        log.set(3, log.get(3).withValue("garbage".getBytes(UTF_8)));
        assertThat(check(new RecordedHistory(TOPICS, 1, records)).violations())
                .extracting(Violation::rule)
                .contains(Rule.CHECKPOINTS, Rule.ONE_REPLY);
    }

    @Test
    void aForeignRecordInTheLogIsNoViolation() {
        RecordedHistory history = new Story().history();
        Map<String, List<Seen>> records = new HashMap<>(history.records());
        List<Seen> log = new ArrayList<>(history.of(TOPICS.mindLog()));
        log.add(new Seen(
                TOPICS.mindLog(), 0, log.size(), log.getLast().timestamp(), null, "garbage".getBytes(UTF_8), Map.of()));
        records.put(TOPICS.mindLog(), log);

        Report report = check(new RecordedHistory(TOPICS, 1, records));

        assertThat(report.violations()).isEmpty();
        assertThat(report.poison()).isOne();
    }

    @Test
    void aRecordInAPartitionThatIsNotItsKeysIsFound() {
        // the agent's home among 16 is not 0, where the story stands
        assertThat(Topics.partitionOf(Story.AGENT, 16)).isNotZero();

        assertThat(check(new Story().history(16)).violations())
                .extracting(Violation::rule)
                .contains(Rule.RECORDS);
    }

    @Test
    void aFindingMayBeSettledByAHuman() {
        Story story = new Story();
        story.add(TOPICS.agentSignals(), reaction("resolve"));
        long offset = story.of(TOPICS.agentSignals()).getLast().offset();
        story.log.add(new Logged(Story.AGENT, Story.raised("k2", FINGERPRINT)));
        story.log.add(new Logged(Story.AGENT, Story.reacted(FINGERPRINT, Reaction.RESOLVE, offset)));

        assertThat(check(story.history()).violations()).isEmpty();
    }

    @Test
    void theOperatorMayTuneACheck() {
        Story story = new Story();
        story.add(TOPICS.agentSignals(), tuning("PT10M"));
        long offset = story.of(TOPICS.agentSignals()).getLast().offset();
        story.log.add(new Logged(Story.AGENT, Story.tuned("disk", offset)));

        assertThat(check(story.history()).violations()).isEmpty();
    }

    @Test
    void aStreamMayHaveOneGapIfATaskDiedAndNoneIfItHandedOver() {
        Story died = new Story();
        died.drop(TOPICS.chatEvents(), "One ");
        died.log.add(new Logged("~chat", Story.barrier(Lane.CHAT, "c2")));
        Report report = check(died.history());
        assertThat(report.violations()).isEmpty();
        assertThat(report.deaths()).isOne();

        Story left = new Story();
        left.drop(TOPICS.chatEvents(), "One ");
        left.log.add(new Logged("~chat", Story.handover("c1")));
        left.log.add(new Logged("~chat", Story.barrier(Lane.CHAT, "c2")));
        assertThat(check(left.history()).violations())
                .extracting(Violation::rule)
                .containsExactlyInAnyOrder(Rule.STREAM_NUMBERS, Rule.STREAM_TEXT);
    }

    @Test
    void otherWordsAreNoGapEvenAfterADeath() {
        Story story = new Story();
        story.edit(TOPICS.chatEvents(), "moment.", event -> event.put("delta", "minute."));
        story.log.add(new Logged("~chat", Story.barrier(Lane.CHAT, "c2")));

        assertThat(check(story.history()).violations())
                .extracting(Violation::rule)
                .containsExactly(Rule.STREAM_TEXT);
    }

    @Test
    void whatAZombieDecidesDoesNotCountAndWhatItCompletesDoes() {
        Story story = new Story();
        int opened = story.logged("r2/opened");
        story.log.add(opened + 1, new Logged("~chat", Story.barrier(Lane.CHAT, "c2")));
        int failure = story.logged("r2/0/failed/0.3");
        // stamped by the owner before: the run goes on
        assertThat(check(story.history()).violations())
                .filteredOn(violation -> violation.rule() == Rule.OWNER)
                .singleElement()
                .satisfies(violation -> assertThat(violation.id()).isEqualTo("r2"));
        story.drop(TOPICS.chatReplies(), "r2");
        assertThat(check(story.history()).violations())
                .anyMatch(violation ->
                        "r2".equals(violation.id()) && violation.what().contains("has not ended"));

        story.log.set(
                failure,
                new Logged(
                        Story.AGENT,
                        Story.completed(Lane.CHAT, "r2", 0, new Attempt(0, 3), 1, new Content.Text("After all."))));
        assertThat(check(story.history()).chatEndings()).isEqualTo(Map.of("success", 2));
    }

    private static ObjectNode reaction(String action) {
        return Json.object()
                .put("type", "reaction")
                .put("fingerprint", FINGERPRINT)
                .put("action", action);
    }

    private static ObjectNode tuning(String every) {
        return Json.object().put("type", "tuning").put("check", "disk").put("every", every);
    }

    private static Arguments fault(String name, Rule broken, Consumer<Story> spoil) {
        return Arguments.of(name, broken, spoil);
    }

    /** What two records say changes places; the records keep theirs. */
    private static void swap(List<Seen> records, int a, int b) {
        byte[] value = records.get(a).value();
        records.set(a, records.get(a).withValue(records.get(b).value()));
        records.set(b, records.get(b).withValue(value));
    }

    private static void move(List<Logged> log, int from, int to) {
        if (from > to) {
            Collections.rotate(log.subList(to, from + 1), 1);
        } else {
            Collections.rotate(log.subList(from, to + 1), -1);
        }
    }
}
