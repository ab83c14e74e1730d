package dev.noesis.chat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Specs;
import dev.noesis.model.Lane;
import dev.noesis.run.CrashableLane;
import dev.noesis.run.LaneProcessor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A task of the chat lane that can crash, and requests for it. */
public final class CrashableChat {
    public static final String REQUESTS = "chat.requests";
    private static final List<String> TOOLS = List.of("learn_fact", "recall");

    private CrashableChat() {}

    /** Of one partition, with these settings. */
    public static CrashableLane task(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("topics.partitions", "1"));
        all.putAll(settings);
        NoesisConfig config = ConfigLoader.load(all);
        return new CrashableLane(config, Lane.CHAT, 0, List.of(REQUESTS), kernel -> front(config, kernel), Specs.T0);
    }

    /** The lane's front on that kernel. */
    public static LaneProcessor.Definition front(NoesisConfig config, LaneProcessor.Kernel kernel) {
        ChatRequestReader reader = new ChatRequestReader(kernel.lane().llm().allowedModels());
        return kernel.with((desk, entries) -> new ChatFront(
                desk,
                kernel.lane(),
                config.run(),
                TOOLS,
                kernel.metrics(),
                reader,
                new WaitingRuns(entries.apply("queue"), _ -> {})));
    }

    /** @param noesis fields of {@code forwardedProps.noesis}, as JSON with single quotes; empty for none */
    public static String start(String thread, String run, String noesis) {
        return json("{'threadId':'" + thread + "','runId':'" + run
                + "','messages':[{'id':'m','role':'user','content':'hello'}]"
                + (noesis.isEmpty() ? "" : ",'forwardedProps':{'noesis':{" + noesis + "}}") + "}");
    }

    public static String cancel(String thread, String run) {
        return json("{'type':'cancel','threadId':'" + thread + "','runId':'" + run + "','reason':'no need'}");
    }

    public static String delete() {
        return json("{'type':'delete'}");
    }

    private static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }
}
