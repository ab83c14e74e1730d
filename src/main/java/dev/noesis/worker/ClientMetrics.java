package dev.noesis.worker;

import dev.noesis.config.LlmTarget;
import dev.noesis.llm.netty.ClientObserver;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.llm.netty.NettyLlmClient.Stats;
import dev.noesis.model.Lane;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * What a lane's model client has, and what its insides take.
 *
 * <p><b>Threading.</b> Any.
 */
final class ClientMetrics implements ClientObserver {
    private final Timer acquire;
    private final Timer open;
    private final Timer lag;

    private ClientMetrics(LaneMeters meters) {
        acquire = meters.timer(Metric.MODEL_CONNECTION_ACQUIRE);
        open = meters.timer(Metric.MODEL_CONNECTION_OPEN);
        lag = meters.timer(Metric.MODEL_LOOP_LAG);
    }

    /** The client of one of a lane's models, with its connections, its loops and its calls counted. */
    static MeasuredClient start(Lane lane, LlmTarget target, MeterRegistry registry) {
        LaneMeters meters = new LaneMeters(registry, lane).of(target.name());
        String name = target.isPrimary() ? lane.id() : lane.id() + "-" + target.name();
        NettyLlmClient client = new NettyLlmClient(name, target.llm(), new ClientMetrics(meters));
        meters.gauge(Metric.MODEL_CONNECTIONS, () -> busy(client.stats()), "state", "busy");
        meters.gauge(Metric.MODEL_CONNECTIONS, () -> client.stats().idle(), "state", "idle");
        meters.gauge(Metric.MODEL_CONNECTION_WAITERS, () -> client.stats().waiting());
        meters.counter(Metric.MODEL_CONNECTIONS_OPENED, client, counted ->
                (double) counted.stats().opened());
        return new MeasuredClient(client, meters, System::nanoTime);
    }

    /** In use, or being opened. */
    private static int busy(Stats stats) {
        return stats.connections() - stats.idle();
    }

    @Override
    public void waited(long nanos) {
        acquire.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void connected(long nanos) {
        open.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void lagged(long nanos) {
        lag.record(nanos, TimeUnit.NANOSECONDS);
    }
}
