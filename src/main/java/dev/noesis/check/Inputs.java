package dev.noesis.check;

import dev.noesis.check.InputContract.Asked;
import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What was asked of one partition's agents, as the contract reads, and which of the partition's records cannot be answered.
 * A record that stands in another partition than its key's counts where it is published again.
 */
final class Inputs {
    private final History history;
    private final int partition;
    private final DeadLetters deadLetters;
    private final Map<String, String> agents = new HashMap<>();
    private final Map<RunKey, Times> runs = new LinkedHashMap<>();
    private final Map<RunKey, Times> ticks = new LinkedHashMap<>();
    private final Set<RunKey> cancelled = new HashSet<>();
    private final Map<Long, String> deletions = new LinkedHashMap<>();
    private final Map<Long, String> schedules = new LinkedHashMap<>();
    private final Map<Long, String> reactions = new LinkedHashMap<>();
    private final Map<Long, String> tunings = new LinkedHashMap<>();
    private final List<Misplaced> misplaced = new ArrayList<>();

    /** How often something was asked for, first where, and when: epoch milliseconds. */
    static final class Times {
        final String place;
        final long firstAt;
        long lastAt;
        int count;

        Times(Seen record) {
            place = record.place();
            firstAt = record.timestamp();
        }
    }

    /** A record that stands elsewhere than its key belongs. */
    record Misplaced(String topic, int partition, long offset, String agent, int home, long checksum) {
        String place() {
            return Seen.place(topic, partition, offset);
        }
    }

    Inputs(History history, int partition, DeadLetters deadLetters, Tally tally) {
        this.history = history;
        this.partition = partition;
        this.deadLetters = deadLetters;
        Topics topics = history.topics();
        tally.read(topics.chatRequests(), read(topics.chatRequests(), this::chat));
        tally.read(topics.heartbeatTicks(), read(topics.heartbeatTicks(), this::tick));
        tally.read(topics.agentSignals(), read(topics.agentSignals(), this::signal));
        tally.read(topics.heartbeatSchedules(), read(topics.heartbeatSchedules(), this::schedule));
        tally.republished += misplaced.size();
    }

    private long read(String topic, BiConsumer<Seen, String> each) {
        long[] count = {0};
        history.forEach(topic, partition, record -> {
            count[0]++;
            if (history.isAtHome(record) || InputContract.isTooLarge(record)) {
                each.accept(record, agents.computeIfAbsent(record.agent(), same -> same));
            } else {
                misplaced.add(new Misplaced(
                        topic, partition, record.offset(), record.agent(), history.home(record), record.checksum()));
            }
        });
        return count[0];
    }

    private void chat(Seen record, String agent) {
        switch (InputContract.chat(record)) {
            case Asked.ForRun(String runId) -> count(runs, new RunKey(agent, runId), record);
            case Asked.ForCancel(String runId) -> cancelled.add(new RunKey(agent, runId));
            case Asked.ForDeletion _ -> deletions.put(record.offset(), agent);
            case Asked.Doubtful(String runId)
            when runId != null && !deadLetters.has(record) -> count(runs, new RunKey(agent, runId), record);
            case Asked.Doubtful _, Asked.ForNothing _ -> deadLetters.await(record);
            case Asked.ForTick _, Asked.ForSignal _, Asked.ForReaction _, Asked.ForTuning _, Asked.ForSchedule _ ->
                throw new IllegalStateException("is none of chat's");
        }
    }

    private void tick(Seen record, String agent) {
        if (InputContract.tick(record) instanceof Asked.ForTick(String tickId, boolean isDoubtful)
                && !(isDoubtful && deadLetters.has(record))) {
            count(ticks, new RunKey(agent, tickId), record);
        } else {
            deadLetters.await(record);
        }
    }

    private void signal(Seen record, String agent) {
        switch (InputContract.signal(record)) {
            case Asked.ForSignal _ -> {
                // a tick raises it, or it is one too many
            }
            case Asked.ForReaction(boolean isDoubtful)
            when !(isDoubtful && deadLetters.has(record)) -> reactions.put(record.offset(), agent);
            case Asked.ForTuning _ -> tunings.put(record.offset(), agent);
            case Asked.ForReaction _, Asked.ForNothing _ -> deadLetters.await(record);
            case Asked.ForRun _,
                    Asked.ForCancel _,
                    Asked.ForDeletion _,
                    Asked.ForTick _,
                    Asked.ForSchedule _,
                    Asked.Doubtful _ -> throw new IllegalStateException("is none of the signals'");
        }
    }

    private void schedule(Seen record, String agent) {
        if (InputContract.schedule(record) instanceof Asked.ForSchedule(boolean isDoubtful)
                && !(isDoubtful && deadLetters.has(record))) {
            schedules.put(record.offset(), agent);
        } else {
            deadLetters.await(record);
        }
    }

    private static void count(Map<RunKey, Times> counts, RunKey key, Seen record) {
        Times times = counts.computeIfAbsent(key, _ -> new Times(record));
        times.count++;
        times.lastAt = record.timestamp();
    }

    /** How often each run was asked for. */
    Map<RunKey, Times> runs() {
        return runs;
    }

    /** How often each tick was sent. */
    Map<RunKey, Times> ticks() {
        return ticks;
    }

    /** Whether somebody asked for the end of that run. */
    boolean isCancelled(RunKey run) {
        return cancelled.contains(run);
    }

    /** Requests for an agent's deletion, by offset. */
    Map<Long, String> deletions() {
        return deletions;
    }

    /** Schedules that were asked for or taken back, by offset. */
    Map<Long, String> schedules() {
        return schedules;
    }

    /** What humans said of findings, by offset. */
    Map<Long, String> reactions() {
        return reactions;
    }

    /** What the operator said of how often checks look, by offset. */
    Map<Long, String> tunings() {
        return tunings;
    }

    /** Records of this partition that belong into another. */
    List<Misplaced> misplaced() {
        return misplaced;
    }
}
