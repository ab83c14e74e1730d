package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Report;
import dev.noesis.check.Seen;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.model.Attempt;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die, leave and are full. */
@ExtendWith(SharedBroker.class)
@Timeout(300)
class RecoveryIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void aWorkerKilledInMidstreamAnswersEachRunOnceWhenItIsBack(EmbeddedBroker broker, @TempDir Path stateDirs)
            throws Exception {
        var options = ScriptedModelServer.Options.defaults();
        // a minute's words, so that every run is in midstream however slow the machine is
        var slowly = options.withScript(script("- {tokensPerSecond: 10, answer: '" + "word ".repeat(600) + "'}"));
        List<String> agents = agents(6);
        try (var slow = ScriptedModelServer.start(slowly);
                var quick = ScriptedModelServer.start(options.instant());
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(
                        deployment.topics().chatEvents(), deployment.topics().chatReplies())) {
            Topics topics = deployment.topics();
            try (var first = WorkerProcess.start(deployment.settings("w", slow.baseUrl()))) {
                agents.forEach(agent -> {
                    deployment.chat(agent, "t", "r1", "hello");
                    deployment.chat(agent, "t", "r2", "hello again");
                });
                seen.awaitAll(
                        "every first run to stream",
                        LIMIT,
                        all -> streaming(all, topics).containsAll(agents));
                first.kill();
            }
            try (var second = WorkerProcess.start(deployment.settings("w", quick.baseUrl()))) {
                seen.awaitAll(
                        "every run's reply",
                        LIMIT,
                        all -> of(all, topics.chatReplies()).size() >= 2 * agents.size());
                assertThat(second.stop(LIMIT)).isZero();
            }

            assertThat(of(seen.seen(), topics.chatReplies()))
                    .hasSize(2 * agents.size())
                    .allSatisfy(reply -> assertThat(reply.text("type")).isEqualTo("RUN_FINISHED"));
            for (String agent : agents) {
                List<Attempt> attempts = attempts(seen, agent, "r1");
                assertThat(attempts).as("%s", agent).hasSize(2).isSorted();
            }
            // what was in flight was paid for twice, and nothing else
            assertThat(slow.calls()).isEqualTo(agents.size());
            assertThat(quick.calls()).isEqualTo(2L * agents.size());
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.deaths()).isEqualTo(2 * Deployment.PARTITIONS);
        }
    }

    @Test
    void aReplyThatWasNotCommittedWhenItsWorkerDiedIsNoReply(EmbeddedBroker broker, @TempDir Path stateDirs)
            throws Exception {
        try (var model = ScriptedModelServer.start(
                        ScriptedModelServer.Options.defaults().instant());
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var all = deployment.uncommitted(deployment.topics().chatReplies());
                var committed = deployment.tail(deployment.topics().chatReplies())) {
            // long enough between two commits to die with a reply written and its transaction open
            var slow = deployment.settings("w", model.baseUrl(), "kafka.commit.interval.ms", "9000");
            int runs = 0;
            do {
                String runId = "r" + runs++;
                try (var first = WorkerProcess.start(slow)) {
                    deployment.chat("ada", "t", runId, "hello");
                    all.await("the reply", LIMIT, reply -> reply.text("runId").equals(runId));
                    first.kill();
                }
                // once in a while the commit comes between the reply and the kill
            } while (committed.toEnd().size() == runs);
            int expected = runs;
            try (var second = WorkerProcess.start(deployment.settings("w", model.baseUrl()))) {
                committed.awaitAll("the reply that counts", LIMIT, replies -> replies.size() == expected);
                assertThat(second.stop(LIMIT)).isZero();
            }

            assertThat(committed.toEnd()).hasSize(runs);
            assertThat(all.toEnd()).hasSizeGreaterThan(runs);
            // the answer was in the log, and is not paid again
            assertThat(model.calls()).isEqualTo(runs);
            assertThat(Checker.check(deployment.history(), Circumstances.DRAINED)
                            .violations())
                    .isEmpty();
        }
    }

    @Test
    void aWorkerThatSleptThroughItsSessionDecidesNothingWhenItWakes(EmbeddedBroker broker, @TempDir Path stateDirs)
            throws Exception {
        var options = ScriptedModelServer.Options.defaults()
                .withScript(script("- {latency: 1s, tokensPerSecond: 0, answer: That took a while.}"));
        List<String> agents = agents(8);
        String[] quick = {
            "kafka.main.consumer.session.timeout.ms", "3000", "kafka.main.consumer.heartbeat.interval.ms", "700"
        };
        try (var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies());
                var sleeper = WorkerProcess.start(deployment.settings("sleeper", model.baseUrl(), quick))) {
            agents.forEach(agent -> deployment.chat(agent, "t", "r1", "hello"));
            await().atMost(LIMIT).until(() -> model.calls() >= agents.size());
            sleeper.signal("STOP");
            agents.forEach(agent -> deployment.chat(agent, "t", "r2", "hello again"));
            try (var _ = Deployment.start(deployment.config("awake", model.baseUrl(), quick))) {
                seen.awaitAll("every run's reply", LIMIT, all -> all.size() >= 2 * agents.size());

                sleeper.signal("CONT");
                agents.forEach(agent -> deployment.chat(agent, "t", "r3", "hello after all"));
                seen.awaitAll("every later run's reply", LIMIT, all -> all.size() >= 3 * agents.size());
                assertThat(sleeper.stop(LIMIT)).isZero();
            }

            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.chatEndings()).isEqualTo(Map.of("success", 3 * agents.size()));
            assertThat(report.deaths()).isPositive();
        }
    }

    @Test
    void aWorkerThatIsToldToStopLeavesNothingToPayAgain(EmbeddedBroker broker, @TempDir Path stateDirs)
            throws Exception {
        var options = ScriptedModelServer.Options.defaults()
                .withScript(script("- {latency: 3s, tokensPerSecond: 0, answer: That took a while.}"));
        List<String> agents = agents(8);
        try (var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies())) {
            var settings = deployment.settings("leaving", model.baseUrl());
            try (var leaving = WorkerProcess.start(settings)) {
                agents.forEach(agent -> deployment.chat(agent, "t", "r1", "hello"));
                await().atMost(LIMIT).until(() -> model.calls() >= agents.size());

                assertThat(leaving.stop(LIMIT)).isZero();
                assertThat(model.stats().outcomes("completed")).isEqualTo(agents.size());
            }
            try (var _ = Deployment.start(deployment.config("next", model.baseUrl()))) {
                seen.awaitAll("every run's reply", LIMIT, all -> all.size() >= agents.size());
            }

            assertThat(model.calls()).isEqualTo(agents.size());
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.deaths()).isZero();
        }
    }

    @Test
    void whenOneOfTwoWorkersLeavesTheOtherAnswersTheRest(EmbeddedBroker broker, @TempDir Path stateDirs)
            throws Exception {
        var options = ScriptedModelServer.Options.defaults()
                .withScript(script("- {latency: 3s, tokensPerSecond: 0, answer: That took a while.}"));
        List<String> agents = agents(8);
        try (var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies());
                var leaving = WorkerProcess.start(deployment.settings("leaving", model.baseUrl()));
                var _ = Deployment.start(deployment.config("staying", model.baseUrl()))) {
            agents.forEach(agent -> {
                deployment.chat(agent, "t", "r1", "hello");
                deployment.chat(agent, "t", "r2", "hello again");
            });
            await().atMost(LIMIT).until(() -> model.calls() >= agents.size());

            assertThat(leaving.stop(LIMIT)).isZero();
            seen.awaitAll("every run's reply", LIMIT, all -> all.size() >= 2 * agents.size());

            assertThat(model.calls()).isEqualTo(2L * agents.size());
            assertThat(model.stats().outcomes("completed")).isEqualTo(2L * agents.size());
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.deaths()).isZero();
        }
    }

    @Test
    void twoThousandRunsInFlightAtOnceAreAnsweredOnceEach(EmbeddedBroker broker, @TempDir Path stateDirs) {
        int runs = 2_000;
        var options = ScriptedModelServer.Options.defaults()
                .withRecordedCalls(0)
                .withScript(script("- {latency: 3s, tokensPerSecond: 0, answer: That took a while.}"));
        Gate gate = new Gate(runs);
        try (var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies())) {
            var config = deployment.config("w", model.baseUrl(), "chat.max.in.flight", Integer.toString(runs));
            try (var worker = Worker.start(config, gate, new SimpleMeterRegistry())) {
                Deployment.awaitReady(worker);
                agents(runs).forEach(agent -> deployment.chat(agent, "t", "r1", "hello"));
                await().atMost(LIMIT).until(() -> gate.begun() == runs);
                seen.awaitAll("every run's reply", LIMIT, all -> all.size() >= runs);
            }

            assertThat(model.calls()).isEqualTo(runs);
            Report report = Checker.check(deployment.history(), Circumstances.DRAINED);
            assertThat(report.violations()).isEmpty();
            assertThat(report.chatEndings()).isEqualTo(Map.of("success", runs));
            // enough of a log for the lanes to compare their stores on the way
            assertThat(report.comparisons()).isPositive();
        }
    }

    private static Script script(String yaml) {
        return Script.parse(yaml, "recovery");
    }

    private static List<String> agents(int count) {
        return IntStream.range(0, count).mapToObj(i -> "agent-" + i).toList();
    }

    private static List<Seen> of(List<Seen> all, String topic) {
        return all.stream().filter(record -> record.topic().equals(topic)).toList();
    }

    /** Agents of which words have come. */
    private static Set<String> streaming(List<Seen> all, Topics topics) {
        Set<String> agents = new HashSet<>();
        of(all, topics.chatEvents()).stream()
                .filter(event -> event.text("type").equals("TEXT_MESSAGE_CONTENT"))
                .forEach(event -> agents.add(event.agent()));
        return agents;
    }

    /** The attempts of the run's stream, in the order in which they came. */
    private static List<Attempt> attempts(Tail seen, String agent, String runId) {
        return seen.of(agent)
                .filter(record -> record.text("runId").equals(runId))
                .map(record -> record.json().path("metadata").path("noesis").path("attempt"))
                .filter(attempt -> !attempt.isMissingNode())
                .map(attempt -> Json.mapper().treeToValue(attempt, Attempt.class))
                .distinct()
                .toList();
    }
}
