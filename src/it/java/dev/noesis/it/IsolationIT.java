package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Report;
import dev.noesis.check.Seen;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.model.Lane;
import dev.noesis.worker.RunningLane;
import dev.noesis.worker.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a heartbeat in trouble does to chat: nothing, unless it was given chat's own client. */
@ExtendWith(SharedBroker.class)
@Timeout(240)
class IsolationIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PERMITS = 4;
    private static final List<String> AGENTS =
            IntStream.range(0, 2 * PERMITS).mapToObj(i -> "agent-" + i).toList();

    /** Of each agent, in one thread. */
    private static final List<String> RUNS =
            IntStream.range(0, 10).mapToObj(i -> "r" + i).toList();

    @Test
    void chatGoesOnWhileTheHeartbeatHangsWithAllItsPermitsTaken(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var chatModel = model("[]");
                var hanging = model("- {fault: hang_before_headers}");
                var healthy = model("[]");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(
                        deployment.topics().chatReplies(), deployment.topics().heartbeatOutcomes())) {
            AtomicInteger ticks = new AtomicInteger();
            try (var worker = Deployment.start(
                    deployment.config("w", chatModel.baseUrl(), settings("heartbeat.llm.base.url", hanging)))) {
                hang(deployment, hanging, ticks);

                AGENTS.forEach(agent -> deployment.chat(agent, "t", "r1", "Remember that the ferry leaves at nine"));
                seen.awaitAll(
                        "every run's reply",
                        LIMIT,
                        all -> replies(deployment, all).size() >= AGENTS.size());

                assertThat(replies(deployment, seen.seen()))
                        .allSatisfy(reply -> assertThat(reply.json()
                                        .path("outcome")
                                        .path("type")
                                        .asString(""))
                                .isEqualTo("success"));
                assertThat(lane(worker, Lane.HEARTBEAT).modelCallsInFlight()).isEqualTo(PERMITS);
                assertThat(hanging.inFlight()).isEqualTo(PERMITS);
            }
            // and nothing that hung is lost
            try (var _ = Deployment.start(
                    deployment.config("w", chatModel.baseUrl(), settings("heartbeat.llm.base.url", healthy)))) {
                seen.awaitAll(
                        "every tick's outcome",
                        LIMIT,
                        all -> all.size() - replies(deployment, all).size() >= ticks.get());
            }
            var history = deployment.history();
            SchemaRules.check(history);
            Report report = Checker.check(history, Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.deaths()).isZero();
        }
    }

    @Test
    void chatGoesOnBesideAStormOfSignalsAndPoisonedTopics(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model("[]");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var replies = deployment.tail(deployment.topics().chatReplies());
                var dead = deployment.tail(deployment.topics().heartbeatDlq());
                var outcomes = deployment.tail(deployment.topics().heartbeatOutcomes())) {
            try (var _ = Deployment.start(deployment.config("w", model.baseUrl(), "drain.ms", "300"))) {
                int signals = 5_000;
                for (int i = 0; i < signals; i++) {
                    deployment.send(
                            deployment.topics().agentSignals(),
                            AGENTS.get(i % AGENTS.size()),
                            Inputs.signal("s" + i, "a gust of wind", "low"));
                }
                int poison = poison(deployment);
                for (String run : RUNS) {
                    AGENTS.forEach(agent -> deployment.chat(agent, "t", run, "Remember that the ferry leaves at nine"));
                }
                AGENTS.forEach(agent -> deployment.send(deployment.topics().heartbeatTicks(), agent, Inputs.tick("k")));
                deployment.flush();

                replies.awaitAll("every run's reply", LIMIT, all -> all.size() >= RUNS.size() * AGENTS.size());
                assertThat(replies.seen())
                        .hasSize(RUNS.size() * AGENTS.size())
                        .allSatisfy(reply -> assertThat(reply.json()
                                        .path("outcome")
                                        .path("type")
                                        .asString(""))
                                .isEqualTo("success"));
                dead.awaitAll("every record that nobody can read", LIMIT, all -> all.size() >= poison);
                assertThat(dead.seen()).hasSize(poison);
                outcomes.awaitAll("every tick's outcome", LIMIT, all -> all.size() >= AGENTS.size());
            }
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.deaths()).isZero();
        }
    }

    /** How many records of the heartbeat's topics nobody can read. */
    private static int poison(Deployment deployment) {
        int sent = 0;
        for (String topic : List.of(
                deployment.topics().heartbeatTicks(),
                deployment.topics().agentSignals(),
                deployment.topics().heartbeatSchedules())) {
            for (String agent : AGENTS) {
                for (String value : Inputs.UNREADABLE) {
                    deployment.send(topic, agent, value.getBytes(UTF_8));
                    sent++;
                }
            }
        }
        return sent;
    }

    @Test
    void withASharedClientAHangingHeartbeatStarvesChat(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model("- {match: {system: This is a heartbeat}, fault: hang_before_headers}");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies());
                var _ = Deployment.start(deployment.config(
                        "w",
                        model.baseUrl(),
                        "heartbeat.llm.isolation",
                        "shared",
                        "heartbeat.max.in.flight",
                        Integer.toString(PERMITS),
                        "llm.connections",
                        Integer.toString(PERMITS),
                        "llm.acquire.timeout.ms",
                        "300",
                        "run.max.attempts",
                        "1",
                        "drain.ms",
                        "100"))) {
            deployment.chat("agent-0", "t", "r0", "hello");
            seen.await("a chat before", LIMIT, reply -> reply.text("type").equals("RUN_FINISHED"));

            hang(deployment, model, new AtomicInteger());
            AGENTS.forEach(agent -> deployment.chat(agent, "t", "r1", "hello"));
            seen.awaitAll("every run's reply", LIMIT, all -> all.size() > AGENTS.size());

            assertThat(seen.seen().stream().filter(reply -> reply.text("runId").equals("r1")))
                    .hasSize(AGENTS.size())
                    .allSatisfy(reply -> assertThat(reply.text("code")).isEqualTo("model_unavailable"));
        }
    }

    /** Settings of a lane whose permits are few and whose drain does not wait for what hangs. */
    private static String[] settings(String urlKey, ScriptedModelServer model) {
        return new String[] {
            urlKey, model.baseUrl().toString(), "heartbeat.max.in.flight", Integer.toString(PERMITS), "drain.ms", "300"
        };
    }

    /** Ticks more agents than there are permits, until each permit is held by a call that hangs. */
    private static void hang(Deployment deployment, ScriptedModelServer hanging, AtomicInteger ticks) {
        AGENTS.forEach(agent -> deployment.send(
                deployment.topics().agentSignals(), agent, Inputs.signal("s", "something happened", "low")));
        await("every permit of the heartbeat to be taken")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    // a tick that is read before the signal finds nothing to do
                    String tickId = "k" + ticks.get() / AGENTS.size();
                    AGENTS.forEach(agent -> {
                        deployment.send(deployment.topics().heartbeatTicks(), agent, Inputs.tick(tickId));
                        ticks.incrementAndGet();
                    });
                    return hanging.inFlight() == PERMITS;
                });
    }

    private static List<Seen> replies(Deployment deployment, List<Seen> all) {
        return all.stream()
                .filter(record -> record.topic().equals(deployment.topics().chatReplies()))
                .toList();
    }

    private static RunningLane lane(Worker worker, Lane lane) {
        return worker.lanes().stream()
                .filter(running -> running.lane() == lane)
                .findFirst()
                .orElseThrow();
    }

    private static ScriptedModelServer model(String yaml) {
        return ScriptedModelServer.start(
                ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(yaml, "isolation")));
    }
}
