package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Report;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.worker.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The only broker is away in mid-load: the worker goes on by itself when it is back, and loses nothing. */
@Timeout(400)
class BrokerOutageIT {
    /** How long it is away; {@code -Dnoesis.outage.seconds=60} for the whole minute. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("noesis.outage.seconds", 25));

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int AGENTS = 20;
    private static final long BETWEEN_REQUESTS_MS = 50;

    /** What is done to the broker. */
    private interface Fault {
        void on(BrokerProcess broker) throws IOException, InterruptedException;
    }

    @Test
    void aBrokerThatIsStoppedAndStartedInMidLoadCostsNoRunAndNoRestart(@TempDir Path dir) throws Exception {
        outage("stopped", dir, BrokerProcess::stop, BrokerProcess::startAgain);
    }

    @Test
    void aBrokerThatFallsAsleepInMidLoadCostsNoRunAndNoRestart(@TempDir Path dir) throws Exception {
        outage("asleep", dir, broker -> broker.signal("STOP"), broker -> broker.signal("CONT"));
    }

    private static void outage(String name, Path dir, Fault begin, Fault end) throws Exception {
        var options = ScriptedModelServer.Options.defaults()
                .withScript(Script.parse("- {latency: 1s, tokensPerSecond: 0, answer: Done.}", "outage"));
        try (var broker = BrokerProcess.start(dir);
                var model = ScriptedModelServer.start(options);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var replies = deployment.tail(deployment.topics().chatReplies())) {
            int sent;
            try (var worker = Deployment.start(deployment.config("w", model.baseUrl()));
                    var load = new Load(deployment)) {
                replies.awaitAll("replies before", LIMIT, all -> all.size() >= 2 * AGENTS);

                begin.on(broker);
                int before = replies.seen().size();
                // the time itself is what is tested
                await().pollDelay(OUTAGE).atMost(OUTAGE.plusSeconds(30)).until(() -> true);
                end.on(broker);
                long back = System.nanoTime();

                replies.awaitAll("the first reply after", LIMIT, all -> all.size() > before);
                double first = seconds(back);
                sent = load.stop();
                deployment.flush();
                replies.awaitAll("every run's reply", LIMIT, all -> all.size() >= sent);
                System.out.printf(
                        "broker %s for %d s: first reply %.1f s after its return, all of %d runs after %.1f s,"
                                + " %d model calls%n",
                        name, OUTAGE.toSeconds(), first, sent, seconds(back), model.calls());
                assertThat(goesOn(worker)).isTrue();
            }
            Report report =
                    Checker.check(deployment.history(), new Circumstances(/* drained= */ true, /* outages= */ true));
            assertThat(report.violations()).isEmpty();
            assertThat(report.chatEndings()).isEqualTo(Map.of("success", sent));
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /** No lane has given up: the worker is the one that was started, and decides again. */
    private static boolean goesOn(Worker worker) {
        return worker.awaitReady(Deployment.READY)
                && worker.lanes().stream().noneMatch(lane -> lane.failed().isDone());
    }

    /** Requests, one after another, whatever becomes of them. */
    private static final class Load implements AutoCloseable {
        private final AtomicInteger sent = new AtomicInteger();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

        Load(Deployment deployment) {
            var _ = timer.scheduleAtFixedRate(
                    () -> {
                        int n = sent.getAndIncrement();
                        deployment.chat("agent-" + n % AGENTS, "t" + n, "r" + n, "hello");
                    },
                    0,
                    BETWEEN_REQUESTS_MS,
                    TimeUnit.MILLISECONDS);
        }

        /** How many there were. */
        int stop() throws InterruptedException {
            timer.shutdown();
            assertThat(timer.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            return sent.get();
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }
}
