package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * How fast the checker is, and that it does not keep what it reads. {@code -Dcheck.runs=70000} checks more than a million
 * records and prints the figures; a bound on memory is set from outside, by {@code -Xmx}.
 */
class CheckerSpeedTest {
    private static final Topics TOPICS = new Topics("");
    private static final int RUNS = Integer.getInteger("check.runs", 500);
    private static final int DELTAS = 8;
    private static final String DELTA = "forty characters, as a model says them. ";

    @Test
    void aLongHistoryIsCheckedInOnePass() {
        long start = System.nanoTime();
        Report report = Checker.check(new Endless(RUNS), Circumstances.DRAINED);
        double seconds = (System.nanoTime() - start) / 1e9;

        assertThat(report.violations()).isEmpty();
        assertThat(report.chatEndings()).isEqualTo(Map.of("success", RUNS));
        long records =
                report.records().values().stream().mapToLong(Long::longValue).sum();
        Runtime jvm = Runtime.getRuntime();
        System.out.printf(
                "%,d records in %.1f s, %,.0f a second; heap %,d MB used of %,d MB%n",
                records,
                seconds,
                records / seconds,
                (jvm.totalMemory() - jvm.freeMemory()) >> 20,
                jvm.maxMemory() >> 20);
    }

    /** One partition with as many runs as one likes, one after the other, made while they are read. */
    private record Endless(int runs) implements History {
        @Override
        public Topics topics() {
            return TOPICS;
        }

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public long beginning(String topic, int partition) {
            return 0;
        }

        @Override
        public long takenAt() {
            return Long.MAX_VALUE;
        }

        @Override
        public void forEach(String topic, int partition, Consumer<Seen> each) {
            long[] offset = {0};
            Writer writer = (agent, json) -> {
                String id =
                        agent.startsWith("~") ? "barrier" : json.path("runId").asString("");
                each.accept(new Seen(
                        topic,
                        0,
                        offset[0]++,
                        1_000,
                        agent.getBytes(UTF_8),
                        Json.write(json),
                        Story.headers(id, agent)));
            };
            if (topic.equals(TOPICS.mindLog())) {
                writer.write("~chat", event(-1, null, new MindEvent.Barrier("c1", 1, 1, 1)));
            }
            for (int run = 0; run < runs; run++) {
                write(topic, run, writer);
            }
        }

        private static void write(String topic, int run, Writer writer) {
            String agent = "agent-" + run % 1_000;
            String runId = "run-" + run;
            if (topic.equals(TOPICS.chatRequests())) {
                writer.write(agent, Json.object().put("threadId", "t").put("runId", runId));
            } else if (topic.equals(TOPICS.mindLog())) {
                RunSpec spec = new RunSpec(
                        1_000, 2_000, 10, 60_000, null, null, null, List.of(), null, List.of(), List.of(), null, null,
                        null);
                List<Message> messages = List.of(Message.user("m", "hello"));
                writer.write(agent, event(run, "c1", new MindEvent.RunOpened(spec, messages, run)));
                List<Content> answer = List.of(new Content.Text(DELTA.repeat(DELTAS)));
                writer.write(
                        agent,
                        event(
                                run,
                                null,
                                new MindEvent.StepCompleted(
                                        0,
                                        new Attempt(0, run),
                                        1,
                                        answer,
                                        "end_turn",
                                        new Usage(1, 2, 0, 0),
                                        "m",
                                        DELTAS + 2,
                                        "anthropic",
                                        "primary")));
            } else if (topic.equals(TOPICS.chatEvents())) {
                streamed(writer, agent, run);
            } else if (topic.equals(TOPICS.chatReplies())) {
                ObjectNode reply = Json.object()
                        .put("type", "RUN_FINISHED")
                        .put("threadId", "t")
                        .put("runId", runId);
                reply.putObject("metadata").putObject("noesis").put("runId", runId);
                reply.putObject("outcome").put("type", "success");
                reply.putObject("result")
                        .put("stopReason", "end_turn")
                        .put("steps", 1)
                        .put("attempts", 1)
                        .putArray("messages")
                        .addObject()
                        .put("id", runId + "/0")
                        .put("role", "assistant")
                        .put("content", DELTA.repeat(DELTAS));
                reply.putObject("usage")
                        .put("inputTokens", 1)
                        .put("outputTokens", 2)
                        .put("totalTokens", 3)
                        .put("cacheReadTokens", 0)
                        .put("cacheWriteTokens", 0);
                writer.write(agent, reply);
            }
        }

        private static void streamed(Writer writer, String agent, int run) {
            for (int seq = 0; seq < DELTAS + 4; seq++) {
                boolean isText = seq >= 2 && seq < DELTAS + 2;
                String type = isText ? "TEXT_MESSAGE_CONTENT" : seq == DELTAS + 3 ? "RUN_FINISHED" : "STEP_STARTED";
                ObjectNode event = Json.object().put("type", type).put("runId", "run-" + run);
                event.put("delta", isText ? DELTA : null);
                ObjectNode place =
                        event.putObject("metadata").putObject("noesis").put("seq", seq);
                place.putArray("attempt").add(0).add(run);
                writer.write(agent, event);
            }
        }

        private static ObjectNode event(int run, @Nullable String stamp, MindEvent.Body body) {
            MindEvent event = new MindEvent(
                    MindEvent.VERSION,
                    "event",
                    1_000,
                    Lane.CHAT,
                    run < 0 ? null : "run-" + run,
                    run < 0 ? null : "t",
                    Origin.MODEL,
                    stamp,
                    body);
            return (ObjectNode) Json.tree(Json.write(event));
        }
    }

    private interface Writer {
        void write(String agent, ObjectNode json);
    }
}
