package dev.noesis.worker;

import dev.noesis.config.KafkaProperties;
import dev.noesis.config.LaneConfig;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.mind.Build;
import dev.noesis.model.Lane;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.EffectRunner;
import dev.noesis.run.KafkaLogHistory;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.ModelTarget;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.telemetry.Metric;
import dev.noesis.telemetry.ModelMetrics;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane at work: its KafkaStreams, its effect runner with the side producers, and its model clients.
 *
 * <p><b>Threading.</b> {@link #close()} blocks for the drain limit and a few seconds; it may be called by any thread, and
 * the second call waits for the first. It must not be called on a StreamThread.
 */
public final class RunningLane implements LaneHealth, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunningLane.class);
    private static final int MAX_REPLACEMENTS = 5;
    private static final Duration REPLACEMENTS_WINDOW = Duration.ofHours(1);
    private static final Duration STREAMS_CLOSE = Duration.ofSeconds(30);

    private final LaneConfig config;
    private final LaneMetrics metrics;
    private final AgentRunner runner;
    private final EffectRunner effects;
    private final Checks checks;
    private final KafkaStreams streams;
    private final @Nullable LaneClients ownClients;
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private final Counter replaced;
    private final Allowance replacements = new Allowance(MAX_REPLACEMENTS, REPLACEMENTS_WINDOW, System::nanoTime);
    private final String instanceId;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Makes the lane and starts it.
     *
     * @param memory of the stores; closed by the worker, after its lanes
     * @param root the runner that the lane's is forked from
     * @param clients of the lane's model calls
     * @param ownClients closed with the lane; null where the runner's clients are another's
     */
    RunningLane(
            NoesisConfig noesis,
            Lane lane,
            String instanceId,
            StoreMemory memory,
            int partitions,
            AgentRunner root,
            LaneClients clients,
            @Nullable LaneClients ownClients,
            MeterRegistry registry) {
        this.config = noesis.lane(lane);
        this.metrics = new LaneMetrics(registry, lane);
        List<ModelTarget> models = clients.models();
        this.runner = root.fork(
                models,
                new ModelMetrics(
                        registry, lane, models.stream().map(ModelTarget::name).toList()));
        this.instanceId = instanceId;
        this.ownClients = ownClients;
        Topics topics = new Topics(noesis.deployment());
        this.effects = new EffectRunner(
                config,
                noesis.run(),
                runner,
                topics.mindLog(),
                Lanes.eventsTopic(lane, topics),
                // One request at a time: on a new partition a later one may be taken where an earlier one was refused.
                () -> producer(noesis, lane.id() + "-log", 1),
                // What comes while one is under way goes with the next: streams wait for nothing when there is little,
                // and
                // are written many at a time when there is much.
                producer(noesis, lane.id() + "-events", 1),
                this::fail);
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                config,
                topics.mindLog(),
                partitions,
                runner,
                effects,
                new KafkaLogHistory(topics.mindLog(), KafkaProperties.forConsumer(noesis.kafka())),
                Build.THIS,
                metrics);
        this.checks = Lanes.checks(lane, noesis);
        Topology topology = Lanes.topology(lane, noesis, topics, kernel, checks);
        try {
            this.streams = new KafkaStreams(topology, StreamsSettings.of(noesis, lane, instanceId, memory));
        } catch (RuntimeException e) {
            checks.close();
            effects.close();
            throw e;
        }
        LaneMeters meters = new LaneMeters(registry, lane);
        this.replaced = meters.counter(Metric.STREAM_THREADS_REPLACED);
        measure(meters, Lanes.inputTopics(lane, topics));
        streams.setUncaughtExceptionHandler(this::uncaught);
        streams.setStateListener((now, before) -> {
            log.atInfo()
                    .addKeyValue("lane", lane.id())
                    .addKeyValue("state", now)
                    .log("lane");
            if (now == KafkaStreams.State.ERROR) {
                fail("the " + lane.id() + " lane stopped after repeated failure");
            }
        });
        streams.start();
    }

    private void measure(LaneMeters meters, List<String> inputTopics) {
        StreamsMetrics.bind(meters, inputTopics, streams::metrics);
        meters.gauge(Metric.LANE_FAILED, () -> failed.isDone() ? 1 : 0);
        meters.gauge(Metric.MODEL_CALLS_IN_FLIGHT, effects::modelCallsInFlight);
        meters.gauge(Metric.MODEL_CALLS_WAITING, effects::modelCallsWaiting);
        meters.gauge(Metric.MODEL_PERMITS, config::maxInFlight);
        meters.counter(Metric.LOG_APPENDS_REPEATED, effects, counted -> (double) counted.appendsRepeated());
        meters.counter(Metric.STREAM_EVENTS_DROPPED, effects, counted -> (double) counted.eventsDropped());
    }

    private static Producer<byte[], byte[]> producer(NoesisConfig noesis, String name, int requestsInFlight) {
        Map<String, Object> settings = KafkaProperties.forProducer(noesis.kafka());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "noesis-" + name);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, requestsInFlight);
        settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        // Kafka refuses one that is shorter than a request and its linger.
        long oneRequest = number(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
                + number(settings, ProducerConfig.LINGER_MS_CONFIG);
        settings.putIfAbsent(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.clamp(oneRequest, 15_000, Integer.MAX_VALUE));
        settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
        settings.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicSpec.MAX_MESSAGE_BYTES + 64 * 1024);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static long number(Map<String, Object> settings, String key) {
        return Long.parseLong(String.valueOf(settings.get(key)).strip());
    }

    /** A thread that failed is replaced; one that cannot go on, or fails again and again, ends the lane and no other. */
    private StreamThreadExceptionResponse uncaught(Throwable failure) {
        log.atError().addKeyValue("lane", config.lane().id()).setCause(failure).log("a StreamThread failed");
        Optional<String> whyNot = StreamFailure.whyNotReplaced(failure, config.lane(), instanceId);
        if (whyNot.isPresent()) {
            fail(whyNot.get());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        if (!replacements.tryAcquire()) {
            fail("the StreamThread of the " + config.lane().id() + " lane failed more than " + replacements.limit()
                    + " times within " + replacements.window().toMinutes() + " minutes, at last: " + failure);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        replaced.increment();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    private void fail(String why) {
        if (failed.complete(why)) {
            log.atError()
                    .addKeyValue("lane", config.lane().id())
                    .addKeyValue("why", why)
                    .log("the lane cannot go on");
        }
    }

    @Override
    public Lane lane() {
        return config.lane();
    }

    @Override
    public String state() {
        return streams.state().name();
    }

    @Override
    public SortedSet<Integer> notReady() {
        return metrics.notReady();
    }

    @Override
    public @Nullable String failure() {
        return failed.getNow(null);
    }

    /** Whether it decides: the barrier of each assigned partition is folded. Later than {@code RUNNING} by up to seconds. */
    @Override
    public boolean isReady() {
        return !failed.isDone() && streams.state() == KafkaStreams.State.RUNNING && metrics.isReady();
    }

    /** Completed, with the reason, when the lane cannot go on. */
    public CompletableFuture<String> failed() {
        return failed;
    }

    /** The runner's model calls in flight. */
    public int modelCallsInFlight() {
        return effects.modelCallsInFlight();
    }

    /** Whoever calls it, it returns when the lane is closed. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        try {
            release();
        } finally {
            closed.countDown();
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        Closing steps = new Closing()
                // Each task hands its calls over as it is closed; then the group is left, so that successors come at
                // once.
                .then("streams", () -> {
                    CloseOptions leave = CloseOptions.groupMembershipOperation(
                                    CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                            .withTimeout(STREAMS_CLOSE);
                    if (!streams.close(leave)) {
                        log.atWarn().addKeyValue("lane", config.lane().id()).log("KafkaStreams did not stop in time");
                    }
                })
                .then("drain", () -> {
                    int cut = effects.drain(config.drain());
                    log.atInfo()
                            .addKeyValue("lane", config.lane().id())
                            .addKeyValue("cut", cut)
                            .log("drained");
                })
                .then("checks", checks::close)
                .then("effects", effects::close)
                .then("runner", runner::close);
        LaneClients clients = ownClients;
        if (clients != null) {
            steps.then("model clients", clients::close);
        }
        steps.run();
    }
}
