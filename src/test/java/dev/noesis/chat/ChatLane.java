package dev.noesis.chat;

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

/** A task of the chat lane, and requests for it. */
public final class ChatLane {
    public static final String REQUESTS = "chat.requests";
    public static final List<String> TOOLS = List.of("learn_fact", "recall");
    private static final String QUEUE = "queue";

    private ChatLane() {}

    /** Settings as given, and one partition. */
    public static NoesisConfig config(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("topics.partitions", "1"));
        all.putAll(settings);
        return ConfigLoader.load(all);
    }

    public static LaneTask task() {
        return task(Map.of());
    }

    public static LaneTask task(Map<String, String> settings) {
        return task(config(settings), 0);
    }

    public static LaneTask task(NoesisConfig config, int partition) {
        return new LaneTask(
                config,
                Lane.CHAT,
                partition,
                List.of(new Topics("").chatRequests()),
                List.of(QUEUE),
                kernel -> front(config, kernel),
                Specs.T0);
    }

    private static LaneProcessor.Definition front(NoesisConfig config, LaneProcessor.Kernel kernel) {
        ChatRequestReader reader = new ChatRequestReader(kernel.lane().llm().allowedModels());
        return kernel.with((desk, stores) -> new ChatFront(
                desk,
                kernel.lane(),
                config.run(),
                TOOLS,
                kernel.metrics(),
                reader,
                new WaitingRuns(stores.apply(QUEUE))));
    }

    public static String start(String thread, String run, String text) {
        return start(thread, run, text, "");
    }

    /** @param noesis fields of {@code forwardedProps.noesis}, as JSON with single quotes */
    public static String start(String thread, String run, String text, String noesis) {
        return json("{'threadId':'" + thread + "','runId':'" + run + "','messages':[{'id':'m-" + run
                + "','role':'user','content':'" + text + "'}]"
                + (noesis.isEmpty() ? "" : ",'forwardedProps':{'noesis':{" + noesis + "}}") + "}");
    }

    public static String cancel(String thread, String run) {
        return json("{'type':'cancel','threadId':'" + thread + "','runId':'" + run + "','reason':'no need'}");
    }

    public static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }
}
