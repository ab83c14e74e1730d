package dev.noesis.run.explore;

import dev.noesis.chat.CrashableChat;
import dev.noesis.heartbeat.CrashableHeartbeat;
import dev.noesis.model.Lane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The inputs of an exploration: what clients send, and in which orders it may arrive. */
final class Script {
    static final String AGENT = "ada";

    /**
     * An input.
     *
     * @param after those of which it is known that they come before, by their index
     * @param run that it asks for, whether it is the first to do so or not; null for none
     */
    record Item(Lane lane, String topic, String name, String json, List<Integer> after, String run) {}

    private final List<Item> items = new ArrayList<>();
    private final Set<String> tools = new TreeSet<>();

    List<Item> items() {
        return items;
    }

    /** The chat runs that are asked for. */
    Set<String> runs() {
        Set<String> runs = new TreeSet<>();
        items.stream()
                .filter(item -> item.lane() == Lane.CHAT && item.run() != null)
                .forEach(item -> runs.add(item.run()));
        return runs;
    }

    /** The ticks that are asked for. */
    Set<String> ticks() {
        Set<String> ticks = new TreeSet<>();
        items.stream()
                .filter(item -> item.lane() == Lane.HEARTBEAT && item.run() != null)
                .forEach(item -> ticks.add(item.run()));
        return ticks;
    }

    boolean asksForTool(String run, int step) {
        return step == 0 && tools.contains(run);
    }

    /** How many tool calls there are, each of which learns one fact at most. */
    int toolCalls() {
        return tools.size();
    }

    /** Requests for these runs of that thread, which arrive in this order. */
    Script thread(String thread, String... runs) {
        int before = -1;
        for (String run : runs) {
            List<Integer> after = before < 0 ? List.of() : List.of(before);
            before = items.size();
            request(thread, run, "", after);
        }
        return this;
    }

    /** One more request for that run, which may arrive before the other. */
    Script again(String thread, String run) {
        request(thread, run, "", List.of());
        return this;
    }

    /** A request that ends what its thread is at. */
    Script interrupting(String thread, String run) {
        request(thread, run, "'multitask':'interrupt'", List.of());
        return this;
    }

    private void request(String thread, String run, String noesis, List<Integer> after) {
        String json = CrashableChat.start(thread, run, noesis);
        items.add(new Item(Lane.CHAT, CrashableChat.REQUESTS, "request " + run, json, after, run));
    }

    Script cancel(String thread, String run) {
        String json = CrashableChat.cancel(thread, run);
        items.add(new Item(Lane.CHAT, CrashableChat.REQUESTS, "cancel " + run, json, List.of(), null));
        return this;
    }

    Script delete() {
        items.add(new Item(Lane.CHAT, CrashableChat.REQUESTS, "delete", CrashableChat.delete(), List.of(), null));
        return this;
    }

    /** A signal, and a tick that finds it if it comes later. */
    Script signalAndTick(String tick) {
        String signal = CrashableHeartbeat.signal("s-" + tick, "mail", "a mail", "");
        items.add(new Item(Lane.HEARTBEAT, CrashableHeartbeat.SIGNALS, "signal", signal, List.of(), null));
        String json = CrashableHeartbeat.tick(tick);
        items.add(new Item(
                Lane.HEARTBEAT, CrashableHeartbeat.TICKS, "tick " + tick, json, List.of(items.size() - 1), tick));
        return this;
    }

    /** These runs call a tool in their first step. */
    Script withTools(String... runs) {
        tools.addAll(Arrays.asList(runs));
        return this;
    }
}
