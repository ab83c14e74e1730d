package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Report;
import dev.noesis.check.Seen;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * 500 runs of 50 agents, with every way for a model to fail and every way for a request to be odd, and heartbeats beside.
 * What came of them is checked from the topics alone.
 */
@ExtendWith(SharedBroker.class)
@Timeout(300)
class MainJobIT {
    private static final int AGENTS = 50;
    private static final int RUNS_EACH = 10;
    private static final int THREADS_EACH = 3;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** A fault once for each text, after which the talker answers; and faults that stay. */
    private static final String SCRIPT = """
            - {match: once 429, times: 1, per: text, fault: {status: 429, retry_after_ms: 150}}
            - {match: once 529, times: 1, per: text, fault: {status: 529}}
            - {match: once 500, times: 1, per: text, fault: {status: 500}}
            - {match: once reset, times: 1, per: text, fault: reset}
            - {match: once broken, times: 1, per: text, answer: This breaks off in the middle of it, fault: {reset: 6}}
            - {match: once cut, times: 1, per: text, answer: This is cut off in the middle of it, fault: {cut: 6}}
            - {match: once clean, times: 1, per: text, answer: This ends too soon for a whole answer, fault: {cut: 6, clean: true}}
            - {match: once silent, times: 1, per: text, fault: hang_before_headers}
            - {match: once stalled, times: 1, per: text, answer: This stalls in the middle of it all, fault: {hang_mid_stream: 6}}
            - {match: once crowded, times: 1, per: text, answer: This is crowded out in the middle, fault: {stream_error: overloaded_error, after: 6}}
            - {match: once garbled, times: 1, per: text, answer: This is garbled in the middle of it, fault: {malformed_event: 5}}
            - {match: once long wait, times: 1, per: text, fault: {status: 429, retry_after: 11}}
            - {match: split letters, answer: "Grüße aus Tromsø, 東京 und 🌍.", fault: split_characters}
            - {match: a huge answer, chunk: 16384, fault: huge}
            - {match: always 529, fault: {status: 529}}
            - {match: always 400, fault: {status: 400}}
            - {match: refuse this, answer: No., stopReason: refusal}
            - {match: two tools, thinking: Both at once., answer: Let me see., tools: [{name: recall, input: {query: ferry}}, {name: learn_fact, input: {subject: ferry, statement: the ferry leaves at nine}}]}
            - {match: a tool that fails, tools: [{name: no_such_tool}]}
            - {match: slow, latency: 400ms, tokensPerSecond: 40, answer: "Good things take their time, and this is one of them."}
            - {match: never, fault: hang_before_headers}
            """;

    private static final List<String> ANSWERED = List.of(
            "once 429",
            "once 529",
            "once 500",
            "once reset",
            "once broken",
            "once cut",
            "once clean",
            "once silent",
            "once stalled",
            "once crowded",
            "once garbled",
            "split letters",
            "two tools",
            "a tool that fails",
            "slow");

    @Test
    void fiveHundredRunsOfFiftyAgentsEndAsTheContractSays(EmbeddedBroker broker, @TempDir Path stateDirs) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var options = ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(SCRIPT, "main-job"));
        try (var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs)) {
            Load load = new Load(deployment, new Random(seed));
            var config = deployment.config(
                    "w",
                    model.baseUrl(),
                    "run.max.attempts",
                    "3",
                    "llm.first.byte.timeout.ms",
                    "1500",
                    "llm.idle.timeout.ms",
                    "1500",
                    "llm.connect.timeout.ms",
                    "5000");
            try (var _ = Deployment.start(config);
                    var seen = deployment.tail(
                            deployment.topics().chatReplies(),
                            deployment.topics().heartbeatOutcomes(),
                            deployment.topics().chatDlq(),
                            deployment.topics().heartbeatDlq())) {
                load.send();
                seen.awaitAll(load::missing, LIMIT, load::isAnswered);
            }
            var history = deployment.history();
            SchemaRules.check(history);
            Report report = Checker.check(history, Circumstances.DRAINED);

            assertThat(report.violations()).isEmpty();
            assertThat(report.chatEndings())
                    .containsKeys(
                            "success",
                            "cancelled",
                            "deadline_exceeded",
                            "model_unavailable",
                            "model_rejected",
                            "model_refused")
                    .doesNotContainKeys("open", "internal");
            assertThat(report.chatEndings().values().stream()
                            .mapToInt(count -> count)
                            .sum())
                    // how many were turned away as busy depends on how fast the others ended
                    .isBetween(AGENTS * RUNS_EACH * 3 / 4, AGENTS * RUNS_EACH);
            assertThat(report.deaths()).isZero();
            assertThat(report.checkpoints())
                    .allSatisfy(
                            (_, checked) -> assertThat(checked.held()).isGreaterThanOrEqualTo(Deployment.PARTITIONS));
        }
    }

    /** What the clients send, and what has to come of it. */
    private static final class Load {
        private final Deployment deployment;
        private final Topics topics;
        private final Random random;
        /** Those without a reply. */
        private final Set<String> runs = new HashSet<>();

        private final Map<String, Integer> came = new HashMap<>();
        private int read;
        private int ticks;
        private int chatDead;
        private int heartbeatDead;
        /** Of each run that was sent, what it asks for. */
        private final Map<String, String> texts = new HashMap<>();

        Load(Deployment deployment, Random random) {
            this.deployment = deployment;
            this.topics = deployment.topics();
            this.random = random;
        }

        void send() {
            List<Runnable> sends = new ArrayList<>();
            for (int i = 0; i < RUNS_EACH; i++) {
                for (int agent = 0; agent < AGENTS; agent++) {
                    String name = "agent-" + agent;
                    String runId = name + "-r" + i;
                    sends.add(() -> run(name, runId));
                }
            }
            for (int agent = 0; agent < AGENTS; agent += 2) {
                String name = "agent-" + agent;
                sends.add(random.nextInt(sends.size()), () -> signal(name));
                for (int tick = 0; tick < 3; tick++) {
                    String tickId = "k" + tick;
                    sends.add(random.nextInt(sends.size()), () -> tick(name, tickId));
                }
            }
            sends.add(random.nextInt(sends.size()), this::garbage);
            sends.forEach(Runnable::run);
            deployment.flush();
        }

        /** Each fault in turn with the first agents, so that none is left to chance; the rest drawn. */
        private void run(String agent, String runId) {
            runs.add(agent + "/" + runId);
            String thread = "t" + random.nextInt(THREADS_EACH);
            int number = runs.size() - 1;
            if (number == ANSWERED.size()) {
                // longer than a permit is held for: the run waits without one
                chat(agent, thread, runId, "once long wait " + runId);
                return;
            }
            int kind = number < ANSWERED.size() ? 0 : random.nextInt(20);
            switch (kind) {
                case 0, 1, 2, 3, 4, 5 ->
                    chat(agent, thread, runId, ANSWERED.get(number % ANSWERED.size()) + " " + runId);
                case 6, 7 -> chat(agent, thread, runId, "Remember that " + runId + " is a number");
                case 8, 9 -> chat(agent, thread, runId, "What do you know about " + runId + "?");
                case 10 -> cancelled(agent, thread, runId);
                case 11 -> twice(agent, thread, runId);
                case 12 -> invalid(agent, thread, runId);
                case 13 -> policy(agent, thread, runId, "reject");
                case 14 -> policy(agent, thread, runId, "interrupt");
                case 15 -> policy(agent, thread, runId, "enqueue");
                case 16 -> failing(agent, thread, runId);
                case 17 -> sendChat(agent, Inputs.chat(thread, runId, "never " + runId, "deadlineMs", 700));
                case 18 -> astray(agent, thread, runId);
                default -> chat(agent, thread, runId, "Hello, this is " + runId);
            }
        }

        private void chat(String agent, String thread, String runId, String text) {
            sendChat(agent, Inputs.chat(thread, runId, text));
        }

        private void sendChat(String agent, ObjectNode input) {
            texts.merge(agent + "/" + input.path("runId").asString(), input.toString(), (a, b) -> a + " and " + b);
            deployment.send(topics.chatRequests(), agent, input);
        }

        /** In any state it may be in by then, or before it has begun. */
        private void cancelled(String agent, String thread, String runId) {
            chat(agent, thread, runId, "slow " + runId);
            if (random.nextBoolean()) {
                deployment.flush();
            }
            sendChat(agent, Inputs.cancel(thread, runId));
        }

        private void twice(String agent, String thread, String runId) {
            chat(agent, thread, runId, "slow " + runId);
            chat(agent, thread, runId, "slow " + runId);
        }

        private void invalid(String agent, String thread, String runId) {
            ObjectNode input = Inputs.chat(thread, runId, "hello");
            if (random.nextBoolean()) {
                input.remove("messages");
            } else {
                input.putArray("tools").addObject().put("name", "mine");
            }
            sendChat(agent, input);
        }

        private void policy(String agent, String thread, String runId, String policy) {
            sendChat(agent, Inputs.chat(thread, runId, "slow " + runId, "multitask", policy));
        }

        private void failing(String agent, String thread, String runId) {
            List<String> texts = List.of("always 529", "always 400", "refuse this", "a huge answer");
            chat(agent, thread, runId, texts.get(random.nextInt(texts.size())) + " " + runId);
        }

        /** Into the partition that a client with another hash may choose. */
        private void astray(String agent, String thread, String runId) {
            int other = (Topics.partitionOf(agent, Deployment.PARTITIONS) + 1) % Deployment.PARTITIONS;
            deployment.sendTo(other, topics.chatRequests(), agent, Inputs.chat(thread, runId, "astray " + runId));
        }

        private void signal(String agent) {
            for (String urgency : List.of("low", "high")) {
                deployment.send(topics.agentSignals(), agent, Inputs.signal(urgency, "something of " + agent, urgency));
            }
        }

        private void tick(String agent, String tickId) {
            ObjectNode tick = Inputs.tick(tickId);
            if (random.nextInt(5) == 0) {
                tick.put("scheduledAt", 1);
            }
            int times = 1 + random.nextInt(2);
            for (int i = 0; i < times; i++) {
                deployment.send(topics.heartbeatTicks(), agent, tick);
                ticks++;
            }
        }

        private void garbage() {
            deployment.send(topics.chatRequests(), "agent-0", "no JSON".getBytes(UTF_8));
            deployment.send(topics.chatRequests(), "agent-0", "[]".getBytes(UTF_8));
            deployment.send(topics.chatRequests(), "agent-0", "{\"threadId\":\"t\"}".getBytes(UTF_8));
            deployment.send(topics.chatRequests(), "agent-0", (byte[]) null);
            deployment.send(topics.chatRequests(), null, "{}".getBytes(UTF_8));
            deployment.send(topics.chatRequests(), "no agent", "{}".getBytes(UTF_8));
            chatDead += 6;
            deployment.send(topics.heartbeatTicks(), "agent-0", "no JSON".getBytes(UTF_8));
            deployment.send(topics.agentSignals(), "agent-0", "{\"signalId\":\"s\"}".getBytes(UTF_8));
            heartbeatDead += 2;
        }

        /** What there is no answer to yet. */
        String missing() {
            return "replies to "
                    + runs.stream().map(run -> texts.getOrDefault(run, run)).toList() + ", of " + ticks
                    + " ticks' outcomes, " + chatDead + " and " + heartbeatDead + " dead letters: " + came;
        }

        /** Whether there is an answer to everything; reads on where it ended before. */
        boolean isAnswered(List<Seen> seen) {
            for (; read < seen.size(); read++) {
                Seen record = seen.get(read);
                came.merge(record.topic(), 1, Integer::sum);
                if (record.topic().equals(topics.chatReplies())) {
                    runs.remove(record.agent() + "/" + record.text("runId"));
                }
            }
            return runs.isEmpty()
                    && came.getOrDefault(topics.heartbeatOutcomes(), 0) >= ticks
                    && came.getOrDefault(topics.chatDlq(), 0) >= chatDead
                    && came.getOrDefault(topics.heartbeatDlq(), 0) >= heartbeatDead;
        }
    }
}
