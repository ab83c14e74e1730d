package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.noesis.config.ConfigurationException;
import dev.noesis.config.LlmTarget;
import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.model.Lane;
import dev.noesis.worker.RunningLane;
import dev.noesis.worker.Worker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Who closes what: each lane its own client and threads, whatever fails on the way, and never another's. */
@ExtendWith(SharedBroker.class)
@Timeout(180)
class CloseIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void eachLaneReleasesItsClientAndThreadsAlsoWhenAStepOfItsCloseFails(
            EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model("- {fault: hang_before_headers}");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs)) {
            NoesisConfig config = deployment.config("w", model.baseUrl(), "drain.ms", "100");
            Recorded clients = new Recorded();
            Worker worker = Worker.start(config, clients, new SimpleMeterRegistry());
            Deployment.awaitReady(worker);
            assertThat(threads()).isNotEmpty();
            deployment.chat("ada", "t", "r1", "hello");
            await().atMost(LIMIT).until(() -> model.inFlight() == 1);

            // the call cannot be cancelled, so that the drain, the effects and the runner all fail to close
            try (var log = new Log("dev.noesis")) {
                worker.close();
                assertThat(log.messages(Level.ERROR))
                        .filteredOn(message -> message.contains("step of the close"))
                        .hasSize(3);
            }

            assertThat(clients.closed)
                    .containsOnlyKeys(Lane.CHAT, Lane.HEARTBEAT)
                    .containsEntry(Lane.CHAT, 1);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(threads()).isEmpty());
            await().atMost(LIMIT).until(() -> model.stats().connections() == 0);

            worker.close();
            assertThat(clients.closed.values()).containsOnly(1);

            // the state directory is free again
            Deployment.start(config).close();
        }
    }

    @Test
    void aHeartbeatThatPrefersItsOwnClientBorrowsChatsWithAWarning(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model("[]");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(
                        deployment.topics().chatReplies(), deployment.topics().heartbeatOutcomes())) {
            NoesisConfig config = deployment.config(
                    "w",
                    model.baseUrl(),
                    "heartbeat.llm.isolation",
                    "preferred",
                    "heartbeat.llm.provider",
                    "openai",
                    "heartbeat.llm.model",
                    "of-its-own-provider");
            Recorded clients = new Recorded(Lane.HEARTBEAT);
            Worker worker;
            try (var log = new Log(Worker.class.getName())) {
                worker = Worker.start(config, clients, new SimpleMeterRegistry());
                assertThat(log.messages(Level.WARN)).singleElement().asString().contains("borrows the chat's");
            }
            try (worker) {
                Deployment.awaitReady(worker);
                triage(deployment, seen);
                assertThat(model.stats().recorded())
                        .isNotEmpty()
                        .allSatisfy(call -> assertThat(call.body().path("model").asString())
                                .isEqualTo(config.chat().llm().model()));

                // the borrower goes first, and leaves the client open
                lane(worker, Lane.HEARTBEAT).close();
                assertThat(clients.closed).isEmpty();
                deployment.chat("ada", "t", "r1", "hello");
                seen.await(
                        "a chat after the heartbeat's end",
                        LIMIT,
                        record -> record.text("type").equals("RUN_FINISHED"));
            }
            assertThat(clients.closed).isEqualTo(Map.of(Lane.CHAT, 1));
        }
    }

    @Test
    void aLaneThatEndsLeavesTheOtherAsItWas(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model("[]");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(
                        deployment.topics().chatReplies(), deployment.topics().heartbeatOutcomes());
                var worker = Deployment.start(deployment.config("w", model.baseUrl()))) {
            lane(worker, Lane.CHAT).close();
            triage(deployment, seen);
        }
    }

    @Test
    void aDedicatedClientThatCannotBeStartedStopsTheWorkerAndReleasesTheOther(
            EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var deployment = Deployment.create(broker.bootstrapServers(), stateDirs)) {
            Recorded clients = new Recorded(Lane.HEARTBEAT);
            NoesisConfig config = deployment.config("w", URI.create("http://127.0.0.1:9"));

            assertThatThrownBy(() -> Worker.start(config, clients, new SimpleMeterRegistry()))
                    .hasMessage("no client for heartbeat");

            assertThat(clients.closed).isEqualTo(Map.of(Lane.CHAT, 1));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(threads()).isEmpty());
        }
    }

    @Test
    void aSharedClientNeedsBothLanesInOneWorker(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var deployment = Deployment.create(broker.bootstrapServers(), stateDirs)) {
            assertThatThrownBy(() -> Worker.start(deployment.config(
                            "w",
                            URI.create("http://127.0.0.1:9"),
                            "heartbeat.llm.isolation",
                            "shared",
                            "lanes",
                            "heartbeat")))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("heartbeat.llm.isolation");
        }
    }

    private static void triage(Deployment deployment, Tail seen) {
        deployment.send(deployment.topics().agentSignals(), "ada", Inputs.signal("s", "something happened", "low"));
        for (int i = 0; ; i++) {
            String tickId = "k" + i;
            deployment.send(deployment.topics().heartbeatTicks(), "ada", Inputs.tick(tickId));
            String status = seen.await(
                            "an outcome", LIMIT, record -> record.text("tickId").equals(tickId))
                    .text("status");
            // a tick that is read before the signal finds nothing to do
            if (!status.equals("skipped")) {
                assertThat(status).isEqualTo("ok");
                return;
            }
        }
    }

    /** Names of the threads that a lane starts, by itself or through Kafka's clients, Streams and Netty. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("noesis-"))
                .sorted()
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
                ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(yaml, "close")));
    }

    /** Real clients whose closes are counted, and whose calls cannot be cancelled. */
    private static final class Recorded implements Worker.Clients {
        final Map<Lane, Integer> closed = new ConcurrentHashMap<>();
        private final List<Lane> refused;

        Recorded(Lane... refused) {
            this.refused = List.of(refused);
        }

        @Override
        public LlmClient start(Lane lane, LlmTarget target) {
            if (refused.contains(lane)) {
                throw new IllegalStateException("no client for " + lane.id());
            }
            LlmClient client = new NettyLlmClient(lane.id(), target.llm());
            return new LlmClient() {
                @Override
                public LlmCall start(LlmRequest request, LlmListener listener) {
                    return new Stubborn(client.start(request, listener));
                }

                @Override
                public void close() {
                    closed.merge(lane, 1, Integer::sum);
                    client.close();
                }
            };
        }
    }

    private record Stubborn(LlmCall call) implements LlmCall {
        @Override
        public void cancel() {
            throw new IllegalStateException("a call that cannot be cancelled");
        }

        @Override
        public void pause() {
            call.pause();
        }

        @Override
        public void resume() {
            call.resume();
        }
    }

    /** Hears what is logged under a name, in place of the console, while it is open. */
    private static final class Log implements AutoCloseable {
        private final Logger logger;
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

        Log(String name) {
            logger = (Logger) LoggerFactory.getLogger(name);
            appender.start();
            logger.addAppender(appender);
            logger.setAdditive(false);
        }

        List<String> messages(Level level) {
            return List.copyOf(appender.list).stream()
                    .filter(event -> event.getLevel() == level)
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }

        @Override
        public void close() {
            logger.setAdditive(true);
            logger.detachAppender(appender);
        }
    }
}
