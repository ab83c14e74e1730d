package dev.noesis.worker;

import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.llm.netty.NettyLlmClient.Stats;
import dev.noesis.model.Lane;
import dev.noesis.telemetry.LaneMeters;
import dev.noesis.telemetry.Metric;
import io.micrometer.core.instrument.MeterRegistry;

/** What a lane's model client has. */
final class ClientMetrics {
    private ClientMetrics() {}

    /** The same client, with its connections counted. */
    static NettyLlmClient counted(NettyLlmClient client, Lane lane, MeterRegistry registry) {
        LaneMeters meters = new LaneMeters(registry, lane);
        meters.gauge(Metric.MODEL_CONNECTIONS, () -> busy(client.stats()), "state", "busy");
        meters.gauge(Metric.MODEL_CONNECTIONS, () -> client.stats().idle(), "state", "idle");
        meters.gauge(Metric.MODEL_CONNECTION_WAITERS, () -> client.stats().waiting());
        meters.counter(Metric.MODEL_CONNECTIONS_OPENED, client, counted ->
                (double) counted.stats().opened());
        return client;
    }

    /** In use, or being opened. */
    private static int busy(Stats stats) {
        return stats.connections() - stats.idle();
    }
}
