package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Report;
import dev.noesis.check.Seen;
import dev.noesis.cli.Noesis;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.mind.DueTimes;
import dev.noesis.model.Lane;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.Every;
import dev.noesis.model.Schedule.Misfire;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The main job once, on whatever broker there is: topics, a chat that uses a tool, a tick that triages a signal, a tick that a
 * schedule makes due, the checker. The chat speaks chat completions, the heartbeat Anthropic's API, as lanes may.
 */
final class Smoke {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Smoke() {}

    static void run(String bootstrapServers, Path stateDirs) {
        try (var model = ScriptedModelServer.start(
                        ScriptedModelServer.Options.defaults().instant());
                var deployment = Deployment.create(bootstrapServers, stateDirs)) {
            Topics topics = deployment.topics();
            try (var _ = Deployment.start(deployment.config(
                            "w",
                            model.baseUrl(),
                            "chat.llm.provider",
                            "openai",
                            "chat.llm.base.url",
                            model.baseUrl().toString(),
                            "chat.llm.model",
                            "a-model"));
                    var replies = deployment.tail(topics.chatReplies(), topics.heartbeatOutcomes())) {
                chatUsesATool(deployment, replies);
                aTickTriagesASignal(deployment, replies);
                aScheduleMakesATickDue(deployment, replies);
            }
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.checkpoints())
                    .allSatisfy((_, checked) -> assertThat(checked.held()).isPositive());
            assertThat(report.checkpoints()).containsKeys(Lane.values());
            theCommandSaysTheSame(bootstrapServers, topics, report);
        }
    }

    private static void theCommandSaysTheSame(String bootstrapServers, Topics topics, Report report) {
        StringWriter out = new StringWriter();
        int code = Noesis.commandLine()
                .setOut(new PrintWriter(out))
                .execute(
                        "check",
                        "--bootstrap-servers",
                        bootstrapServers,
                        "--set",
                        "deployment=" + topics.deployment(),
                        "--drained",
                        "--json");
        JsonNode json = Json.tree(out.toString());
        assertThat(json.path("violations")).isEmpty();
        assertThat(code).isZero();
        report.records()
                .forEach((topic, count) -> assertThat(
                                json.path("records").path(topic).asLong())
                        .as(topic)
                        .isEqualTo(count));
        assertThat(json.path("runs").path("chat").path("success").asInt())
                .isEqualTo(report.chatEndings().get("success"));
    }

    private static void chatUsesATool(Deployment deployment, Tail replies) {
        deployment.chat("ada", "t1", "r1", "Remember that the ferry leaves at nine");
        JsonNode learned = reply(replies, "r1");
        assertThat(learned.path("outcome").path("type").asString("")).isEqualTo("success");
        assertThat(learned.path("result").path("steps").asInt()).isEqualTo(2);
        assertThat(learned.at("/result/provider").asString()).isEqualTo("openai");
        assertThat(learned.at("/result/model").asString()).isEqualTo("a-model");
        assertThat(learned.at("/result/target").asString()).isEqualTo("primary");

        deployment.chat("ada", "t2", "r2", "What do you know about the ferry?");
        assertThat(reply(replies, "r2").path("result").path("messages").toString())
                .contains("recall", "the ferry leaves at nine");
    }

    private static void aTickTriagesASignal(Deployment deployment, Tail replies) {
        Topics topics = deployment.topics();
        deployment.send(topics.agentSignals(), "ada", Inputs.signal("s1", "the ferry is late", "high"));
        // Signals and ticks are two topics: the first tick may be decided before the signal has come.
        int tick = 0;
        Seen outcome;
        do {
            String tickId = "k" + tick++;
            deployment.send(topics.heartbeatTicks(), "ada", Inputs.tick(tickId));
            outcome = replies.await(
                    "the outcome of " + tickId,
                    LIMIT,
                    seen -> seen.text("tickId").equals(tickId));
        } while (outcome.text("skipReason").equals("no_findings") && tick < 20);
        assertThat(outcome.text("status")).isEqualTo("notified");
    }

    private static void aScheduleMakesATickDue(Deployment deployment, Tail replies) {
        long now = System.currentTimeMillis();
        var minutely = new Schedule(true, new Every(60_000, 60_000), "UTC", null, Misfire.SKIP, null, null, null);
        // each agent has its place in the minute: here is one whose comes soon
        String agent = IntStream.range(0, 1_000)
                .mapToObj(i -> "agent-" + i)
                .filter(name -> Objects.requireNonNull(DueTimes.next(minutely, name, now)) - now > 3_000)
                .min(Comparator.comparing(name -> DueTimes.next(minutely, name, now)))
                .orElseThrow();
        deployment.send(
                deployment.topics().heartbeatSchedules(),
                agent,
                Json.object().put("enabled", true).put("every", "PT1M"));

        Seen outcome = replies.await(
                "the outcome of a tick that is due",
                LIMIT,
                seen -> seen.text("tickId").startsWith("schedule/"));
        assertThat(outcome.agent()).isEqualTo(agent);
        assertThat(outcome.text("skipReason")).isEqualTo("no_findings");
        assertThat(outcome.text("nextDueAt")).isNotEmpty();
    }

    private static JsonNode reply(Tail replies, String runId) {
        return replies.await(
                        "the reply of " + runId,
                        LIMIT,
                        seen -> seen.text("runId").equals(runId))
                .json();
    }
}
