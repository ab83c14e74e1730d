package dev.noesis.run;

import dev.noesis.config.LaneConfig;
import dev.noesis.config.RunConfig;
import dev.noesis.llm.RetryPolicy;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a lane's effects: appends to the log, calls models and tools, streams their events. Everything it learns goes into
 * the log; it never calls back into a StreamThread.
 *
 * <p><b>Threading.</b> {@link Effects} may be called from any thread. Its own threads: one that appends, one that writes
 * streams, one for timers, and a virtual one for each tool call.
 */
public final class EffectRunner implements Effects, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EffectRunner.class);
    private static final long HANDOVER_ACK_MS = 500;

    private final LaneConfig lane;
    private final LogAppender log;
    private final EventPublisher events;
    private final Timers timers;
    private final ModelCalls models;
    private final ToolCalls tools;
    private final DelayedAppends delayed;
    private final Republisher republisher;
    private volatile boolean draining;

    /**
     * Starts the threads.
     *
     * @param runner this lane's fork
     * @param logTopic the mind log
     * @param eventsTopic where the lane's streams go
     * @param producers makes plain idempotent producers: for the log, and again whenever that one has to be replaced
     * @param eventsProducer for the streams and for records that their clients put into the wrong partition
     * @param refused told when the broker will not let the lane write to the log
     */
    public EffectRunner(
            LaneConfig lane,
            RunConfig run,
            AgentRunner runner,
            String logTopic,
            String eventsTopic,
            Supplier<Producer<byte[], byte[]>> producers,
            Producer<byte[], byte[]> eventsProducer,
            Consumer<String> refused) {
        this.lane = lane;
        String name = lane.lane().id();
        this.log = new LogAppender(logTopic, lane.lane(), producers, refused);
        this.events = new EventPublisher(eventsTopic, lane.lane(), eventsProducer, run.eventsInterval());
        this.timers = new Timers("noesis-" + name + "-timers");
        this.delayed = new DelayedAppends(timers);
        this.republisher = new Republisher(lane.lane(), events, log, timers, System::currentTimeMillis);
        this.models = new ModelCalls(
                lane.lane(),
                runner,
                log,
                events,
                new RetryPolicy(run.maxAttempts()),
                RandomGenerator.getDefault(),
                timers,
                System::currentTimeMillis,
                lane.maxInFlight());
        this.tools = new ToolCalls(lane.lane(), runner, log, timers, System::currentTimeMillis, run.toolTimeout());
    }

    @Override
    public void announce(int partition, MindEvent event) {
        log.announce(partition, event);
    }

    @Override
    public void append(Tenure tenure, String agentId, MindEvent event, long delayMs, String effectKey) {
        if (delayMs <= 0) {
            log.append(tenure, agentId, event);
        } else {
            delayed.in(delayMs, tenure, effectKey, () -> log.append(tenure, agentId, event));
        }
    }

    @Override
    public void callModel(Tenure tenure, ModelCall call, long delayMs) {
        if (!draining) {
            models.submit(tenure, call, delayMs);
        }
    }

    @Override
    public void callTool(Tenure tenure, ToolCall call, long delayMs) {
        if (!draining) {
            tools.submit(tenure, call, delayMs);
        }
    }

    @Override
    public void republish(Tenure tenure, Effect.Republish record) {
        if (!draining) {
            republisher.submit(tenure, record);
        }
    }

    @Override
    public void publish(int partition, StreamEvent event) {
        events.publish(partition, event);
    }

    @Override
    public void cancel(String effectKey) {
        delayed.cancel(effectKey);
        tools.cancel(effectKey);
        try {
            models.cancel(effectKey);
        } catch (RuntimeException e) {
            // Its caller is a StreamThread, which is not to die of a client's fault.
            LOG.atError()
                    .addKeyValue("lane", lane.lane().id())
                    .addKeyValue("effect", effectKey.replace('\0', '/'))
                    .setCause(e)
                    .log("a model call could not be cancelled");
        }
    }

    @Override
    public void handOver(Tenure tenure) {
        List<CallRef> inFlight = release(tenure);
        CountDownLatch acknowledged = new CountDownLatch(1);
        MindEvent handover = new MindEvent(
                "handover/" + tenure.incarnation(),
                System.currentTimeMillis(),
                lane.lane(),
                null,
                null,
                Origin.OPERATOR,
                tenure.incarnation(),
                new Handover(inFlight, lane.drain().toMillis()));
        log.announce(tenure.partition(), handover, acknowledged::countDown);
        timers.in(
                lane.drain().toMillis(),
                () -> Each.run(List.of(() -> tools.cancelHandedOver(tenure), () -> models.cancelHandedOver(tenure))));
        try {
            if (!acknowledged.await(HANDOVER_ACK_MS, TimeUnit.MILLISECONDS)) {
                LOG.atWarn()
                        .addKeyValue("lane", lane.lane().id())
                        .addKeyValue("partition", tenure.partition())
                        .addKeyValue("calls", inFlight.size())
                        .log("handover not acknowledged in time; its calls may be made twice");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void abandon(Tenure tenure) {
        release(tenure);
    }

    /** Drops what waits under that tenure; the calls in flight, which go on. */
    private List<CallRef> release(Tenure tenure) {
        delayed.release(tenure);
        republisher.release(tenure);
        List<CallRef> inFlight = new ArrayList<>(models.release(tenure));
        inFlight.addAll(tools.release(tenure));
        return inFlight;
    }

    /** Model calls in flight, and waiting for a permit. */
    public int modelCallsInFlight() {
        return models.inFlight();
    }

    public int modelCallsWaiting() {
        return models.waiting();
    }

    /** How many appends to the log failed and were made again. */
    public long appendsRepeated() {
        return log.repeated();
    }

    /** Effects that wait here or are in flight, appends that are due excepted. */
    public int effectsHeld() {
        return models.held() + tools.held() + delayed.size() + republisher.waiting();
    }

    /** Model calls that could begin now. */
    int freePermits() {
        return models.freePermits();
    }

    /** How many events of streams could not be written. */
    public long eventsDropped() {
        return events.dropped();
    }

    /**
     * Lets calls in flight finish, at most that long, then cuts the rest and has the log acknowledge what was appended.
     * Nothing may be handed over any more.
     *
     * @return how many calls were cut
     */
    public int drain(Duration limit) throws InterruptedException {
        draining = true;
        long end = System.nanoTime() + limit.toNanos();
        while (models.inFlight() + tools.inFlight() > 0 && System.nanoTime() < end) {
            CountDownLatch tick = new CountDownLatch(1);
            timers.in(10, tick::countDown);
            if (!tick.await(1, TimeUnit.SECONDS)) {
                break;
            }
        }
        int cut = models.inFlight() + tools.inFlight();
        try {
            cutCalls();
        } finally {
            if (!log.flush(Duration.ofSeconds(5))) {
                LOG.atWarn()
                        .addKeyValue("lane", lane.lane().id())
                        .addKeyValue("appends", log.outstanding())
                        .log("appends were left unacknowledged; the outbox has them");
            }
        }
        return cut;
    }

    private void cutCalls() {
        Each.run(List.of(tools::close, models::close));
    }

    /** Ends the threads and closes the producers, whatever is still going on. Closing twice is harmless. */
    @Override
    public void close() {
        draining = true;
        Each.run(List.of(this::cutCalls, timers::close, delayed::clear, republisher::close, events::close, log::close));
    }
}
