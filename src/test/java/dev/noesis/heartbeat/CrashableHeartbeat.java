package dev.noesis.heartbeat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.mind.Specs;
import dev.noesis.model.Lane;
import dev.noesis.run.CrashableLane;
import dev.noesis.run.LaneProcessor;
import dev.noesis.topics.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** A task of the heartbeat lane that can crash, and ticks and signals for it. */
public final class CrashableHeartbeat {
    public static final String TICKS = "heartbeat.ticks";
    public static final String SIGNALS = "agent.signals";
    public static final String SCHEDULES = "heartbeat.schedules";
    private static final List<String> TOOLS = List.of("recall", "heartbeat_respond");

    private CrashableHeartbeat() {}

    /** Of one partition. */
    public static CrashableLane task() {
        return task(Map.of());
    }

    /** The same with these settings. */
    public static CrashableLane task(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("topics.partitions", "1");
        NoesisConfig config = ConfigLoader.load(all);
        return new CrashableLane(
                config,
                Lane.HEARTBEAT,
                0,
                List.of(SCHEDULES, SIGNALS, TICKS),
                kernel -> front(config, kernel),
                Specs.T0);
    }

    /** The lane's front on that kernel. */
    public static LaneProcessor.Definition front(NoesisConfig config, LaneProcessor.Kernel kernel) {
        return kernel.with((desk, entries) -> new HeartbeatFront(
                desk,
                new Topics(""),
                config.beat(),
                config.run(),
                Checks.of(config.beat().checks()),
                new Semaphore(1),
                TOOLS,
                kernel.lane().llm().allowedModels(),
                kernel.metrics(),
                entries));
    }

    public static String tick(String tickId) {
        return "{\"tickId\":\"" + tickId + "\",\"reason\":\"interval\"}";
    }

    public static String signal(String signalId, String source, String summary, String data) {
        return "{\"signalId\":\"" + signalId + "\",\"source\":\"" + source + "\",\"summary\":\"" + summary
                + "\",\"data\":\"" + data + "\"}";
    }
}
