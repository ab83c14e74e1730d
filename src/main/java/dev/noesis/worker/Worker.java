package dev.noesis.worker;

import dev.noesis.config.ConfigurationException;
import dev.noesis.config.HeartbeatConfig.Isolation;
import dev.noesis.config.HttpConfig;
import dev.noesis.config.LlmTarget;
import dev.noesis.config.NoesisConfig;
import dev.noesis.llm.LlmClient;
import dev.noesis.model.Lane;
import dev.noesis.run.AgentRunner;
import dev.noesis.telemetry.Metric;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicException;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process' share of the work: the lanes it was told to run, each with its own model clients.
 *
 * <p><b>Threading.</b> Start and close block their caller; closing twice is harmless.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final long POLL_NANOS = 10_000_000;
    private static final Duration BROKER_LIMIT = Duration.ofSeconds(10);

    /** Makes a lane's model clients. Tests put their own in their place. */
    public interface Clients {
        /** @throws RuntimeException if it cannot be started */
        LlmClient start(Lane lane, LlmTarget target);
    }

    private final InstanceId instance;
    private final StoreMemory memory;
    private final AgentRunner root;
    /** Chat first: the heartbeat may use its clients, and is closed before it. */
    private final List<RunningLane> lanes;

    /** The chat's clients where the heartbeat may borrow them. */
    private volatile @Nullable LaneClients lent;

    private final AtomicInteger left = new AtomicInteger();
    private final CompletableFuture<String> failed = new CompletableFuture<>();

    private final Health health;
    private @Nullable HealthServer server;
    private @Nullable JvmMetrics jvm;

    private Worker(InstanceId instance, StoreMemory memory, AgentRunner root, List<RunningLane> lanes, Health health) {
        this.instance = instance;
        this.memory = memory;
        this.root = root;
        this.lanes = lanes;
        this.health = health;
    }

    /** Starts the lanes, and waits for a broker for at most 10 s. */
    public static Worker start(NoesisConfig config) {
        return start(config, BROKER_LIMIT);
    }

    /**
     * Checks the topics and starts the lanes.
     *
     * @param brokerLimit longest wait for a broker to answer
     * @throws TopicException if the broker cannot be reached or the topics cannot be used
     * @throws ConfigurationException if the configuration cannot be used
     */
    public static Worker start(NoesisConfig config, Duration brokerLimit) {
        ModelAccess.require(config);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        return start(
                config,
                (lane, target) -> new RefusalNotice(lane, target, ClientMetrics.start(lane, target, registry)),
                registry,
                brokerLimit);
    }

    /** The same with these clients and metrics. {@code /metrics} is empty where they are not made for Prometheus. */
    public static Worker start(NoesisConfig config, Clients clients, MeterRegistry registry) {
        return start(config, clients, registry, BROKER_LIMIT);
    }

    private static Worker start(NoesisConfig config, Clients clients, MeterRegistry registry, Duration brokerLimit) {
        Isolation isolation = config.beat().isolation();
        boolean both = config.lanes().containsAll(List.of(Lane.CHAT, Lane.HEARTBEAT));
        if (isolation == Isolation.SHARED && config.lanes().contains(Lane.HEARTBEAT) && !both) {
            throw new ConfigurationException(
                    "heartbeat.llm.isolation: shared borrows the chat lane's client, so both lanes must run in this worker;"
                            + " lanes is " + config.lanes());
        }
        int partitions = checkTopics(config, brokerLimit);
        InstanceId instance = InstanceId.lock(config.stateDir(), config.instanceId());
        AgentRunner root = Lanes.runner(config);
        // Asked about its health before it has started, by other threads.
        List<RunningLane> started = new CopyOnWriteArrayList<>();
        Worker worker = new Worker(
                instance, new StoreMemory(config.store()), root, started, new Health(config.lanes(), () -> started));
        try {
            worker.serve(config.http(), registry);
            LaneClients chatClients =
                    config.lanes().contains(Lane.CHAT) ? LaneClients.start(config.chat(), clients) : null;
            // Those that the heartbeat may borrow outlive the chat lane: they are closed behind both.
            boolean isLent = both && isolation != Isolation.DEDICATED;
            worker.lent = isLent ? chatClients : null;
            // Each lane takes a second or two to start, most of it in waiting: side by side.
            CompletableFuture<@Nullable RunningLane> chat = CompletableFuture.supplyAsync(() -> chatClients == null
                    ? null
                    : worker.lane(config, Lane.CHAT, partitions, chatClients, isLent ? null : chatClients, registry));
            try {
                if (config.lanes().contains(Lane.HEARTBEAT)) {
                    LaneClients own = heartbeatClients(config, clients, chatClients);
                    started.add(
                            own == null
                                    ? worker.lane(
                                            config.withBorrowedClients(),
                                            Lane.HEARTBEAT,
                                            partitions,
                                            Objects.requireNonNull(chatClients),
                                            null,
                                            registry)
                                    : worker.lane(config, Lane.HEARTBEAT, partitions, own, own, registry));
                }
            } finally {
                RunningLane chatLane = await(chat);
                if (chatLane != null) {
                    started.addFirst(chatLane);
                }
            }
            worker.left.set(started.size());
            started.forEach(worker::watch);
            return worker;
        } catch (RuntimeException e) {
            worker.close();
            throw e;
        }
    }

    private void serve(HttpConfig http, MeterRegistry registry) {
        jvm = new JvmMetrics(registry);
        Gauge.builder(Metric.STORES_MEMORY.id(), memory, held -> (double) held.used())
                .description(Metric.STORES_MEMORY.meaning())
                .baseUnit(Metric.STORES_MEMORY.unit())
                .register(registry);
        if (http.isOn()) {
            HealthServer started = HealthServer.start(
                    http,
                    health,
                    () -> registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : "");
            server = started;
            log.atInfo().addKeyValue("url", started.uri()).log("serving /live, /ready and /metrics");
        }
    }

    private static @Nullable RunningLane await(CompletableFuture<@Nullable RunningLane> lane) {
        try {
            return lane.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private RunningLane lane(
            NoesisConfig config,
            Lane lane,
            int partitions,
            LaneClients clients,
            @Nullable LaneClients own,
            MeterRegistry registry) {
        try {
            return new RunningLane(config, lane, instance.id(), memory, partitions, root, clients, own, registry);
        } catch (RuntimeException e) {
            if (own != null) {
                own.close();
            }
            throw e;
        }
    }

    /** The heartbeat lane's own clients; null where it borrows the chat lane's. */
    private static @Nullable LaneClients heartbeatClients(
            NoesisConfig config, Clients clients, @Nullable LaneClients chatClients) {
        switch (config.beat().isolation()) {
            case DEDICATED -> {
                return LaneClients.start(config.heartbeat(), clients);
            }
            case PREFERRED -> {
                try {
                    return LaneClients.start(config.heartbeat(), clients);
                } catch (RuntimeException e) {
                    if (chatClients == null) {
                        throw e;
                    }
                    log.atWarn()
                            .addKeyValue("error", e.toString())
                            .log(
                                    "the heartbeat's model client cannot be started: it borrows the chat's, and can starve it");
                    return null;
                }
            }
            case SHARED -> {
                log.atWarn().log("the heartbeat borrows the chat's model client, and can starve it");
                return null;
            }
        }
        throw new IllegalStateException("not an isolation: " + config.beat().isolation());
    }

    private static int checkTopics(NoesisConfig config, Duration brokerLimit) {
        TopicAdmin.Report report = new TopicAdmin(config.kafka(), brokerLimit)
                .check(new Topics(config.deployment()), config.lanes())
                .orThrow();
        report.notes().forEach(note -> log.atWarn().log(note));
        return report.partitions();
    }

    /** Where health and metrics are served; null for nowhere. */
    public @Nullable URI http() {
        HealthServer serving = server;
        return serving == null ? null : serving.uri();
    }

    public List<RunningLane> lanes() {
        return List.copyOf(lanes);
    }

    /** Whether every lane is. */
    public boolean isReady() {
        return lanes.stream().allMatch(RunningLane::isReady);
    }

    /** Waits until the worker is ready, or cannot become so; says whether it is. */
    public boolean awaitReady(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (!isReady() && !failed.isDone() && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        return isReady();
    }

    /** Completed, with the reason, when no lane is left. A lane that fails is closed and leaves the others at work. */
    public CompletableFuture<String> failed() {
        return failed.copy();
    }

    private void watch(RunningLane lane) {
        var _ = lane.failed().thenAcceptAsync(why -> {
            lane.close();
            boolean noneLeft = left.decrementAndGet() == 0;
            if (noneLeft) {
                failed.complete(why);
            }
        });
    }

    /** Closes the lanes, the heartbeat's first: it may use the chat's clients. Its health is served to the last. */
    @Override
    public void close() {
        health.draining();
        Closing closing = new Closing();
        for (RunningLane lane : lanes.reversed()) {
            closing.then(lane.lane().id(), lane::close);
        }
        LaneClients chatClients = lent;
        if (chatClients != null) {
            closing.then("model clients", chatClients::close);
        }
        closing.then("runner", root::close)
                .then("memory of the stores", memory::close)
                .then("state directory", instance::close);
        JvmMetrics measured = jvm;
        if (measured != null) {
            closing.then("metrics of the JVM", measured::close);
        }
        HealthServer serving = server;
        if (serving != null) {
            closing.then("health", serving::close);
        }
        closing.run();
    }
}
