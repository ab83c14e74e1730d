package dev.noesis.heartbeat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Specs;
import dev.noesis.model.Lane;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.LaneTask;
import dev.noesis.topics.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A task of the heartbeat lane, and ticks and signals for it. */
public final class HeartbeatLane {
    public static final String TICKS = "heartbeat.ticks";
    public static final String SIGNALS = "agent.signals";
    public static final List<String> TOOLS = List.of("recall", "heartbeat_respond");
    private static final String SIGNALS_STORE = "signals";
    private static final String TICKS_STORE = "ticks-seen";

    private HeartbeatLane() {}

    public static LaneTask task() {
        return task(Map.of());
    }

    public static LaneTask task(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("topics.partitions", "1"));
        all.putAll(settings);
        NoesisConfig config = ConfigLoader.load(all);
        return new LaneTask(
                config,
                Lane.HEARTBEAT,
                0,
                List.of(SIGNALS, TICKS),
                List.of(SIGNALS_STORE, TICKS_STORE),
                kernel -> front(config, kernel),
                Specs.T0);
    }

    private static LaneProcessor.Definition front(NoesisConfig config, LaneProcessor.Kernel kernel) {
        return kernel.with((desk, stores) -> new HeartbeatFront(
                desk,
                new Topics(""),
                config.beat(),
                config.run(),
                TOOLS,
                kernel.metrics(),
                new Signals(stores.apply(SIGNALS_STORE)),
                new Ticks(stores.apply(TICKS_STORE))));
    }

    public static String tick(String tickId) {
        return "{\"tickId\":\"" + tickId + "\",\"reason\":\"interval\"}";
    }

    public static String tick(String tickId, long scheduledAt) {
        return "{\"tickId\":\"" + tickId + "\",\"scheduledAt\":" + scheduledAt + "}";
    }

    public static String signal(String signalId, String summary) {
        return "{\"signalId\":\"" + signalId + "\",\"source\":\"mail\",\"summary\":\"" + summary
                + "\",\"urgency\":\"high\",\"needsAction\":true,\"data\":{\"from\":\"bob\"}}";
    }
}
