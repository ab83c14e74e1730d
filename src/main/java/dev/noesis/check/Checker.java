package dev.noesis.check;

import dev.noesis.check.Inputs.Misplaced;
import dev.noesis.model.Lane;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Holds all records of a deployment against the {@link Rule}s. What it needs is in the topics: it may run after any fault, and
 * knows nothing of the workers that there were.
 *
 * <p>Of a partition it keeps what was asked, each run with its answers, and the fold of its log, until the partition is done.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class Checker {
    private final History history;
    private final Topics topics;
    private final Tally tally;

    private Checker(History history, Circumstances circumstances) {
        this.history = history;
        this.topics = history.topics();
        this.tally = new Tally(circumstances, history.takenAt());
    }

    /** Reads the history once, but for the log's partitions in which an input had to be published again. */
    public static Report check(History history, Circumstances circumstances) {
        return new Checker(history, circumstances).check();
    }

    private Report check() {
        begin();
        DeadLetters deadLetters = new DeadLetters(history, tally);
        Deque<Inputs> inputs = new ArrayDeque<>();
        for (int partition = 0; partition < history.partitions(); partition++) {
            inputs.add(new Inputs(history, partition, deadLetters, tally));
        }
        deadLetters.check();
        List<Misplaced> misplaced = new ArrayList<>();
        for (int partition = 0; partition < history.partitions(); partition++) {
            Inputs ofPartition = inputs.removeFirst();
            misplaced.addAll(ofPartition.misplaced());
            check(partition, ofPartition);
        }
        copies(misplaced);
        return tally.report();
    }

    private void begin() {
        for (TopicSpec topic : topics.specs()) {
            tally.read(topic.name(), 0);
            for (int partition = 0; partition < history.partitions(); partition++) {
                long beginning = history.beginning(topic.name(), partition);
                if (beginning > 0) {
                    tally.unproven("the records of " + topic.name() + "-" + partition + " before offset " + beginning
                            + " are gone: nothing is proven by them");
                }
            }
        }
    }

    private void check(int partition, Inputs inputs) {
        if (history.beginning(topics.mindLog(), partition) > 0) {
            return;
        }
        Referee referee = new Referee(tally);
        MemoryRules memory = new MemoryRules(referee, tally, history.partitions());
        RecordRules records = new RecordRules(history, tally);
        read(topics.mindLog(), partition, record -> {
            if (memory.fold(record)) {
                records.ofLog(record);
            }
            if (!memory.isStopped()) {
                referee.read(record);
            }
        });
        memory.compare();
        for (Lane lane : Lane.values()) {
            tally.tenures += referee.tenures(lane).count();
            tally.deaths += referee.tenures(lane).deaths();
        }
        if (memory.isStopped()) {
            tally.unproven("partition " + partition + " is not checked: its log cannot be read to the end");
            return;
        }
        chat(partition, referee, inputs, memory.outOfService());
        heartbeat(partition, referee, inputs, memory);
        done(inputs, referee);
    }

    private void chat(int partition, Referee referee, Inputs inputs, Set<String> outOfService) {
        ReplyRules replies = new ReplyRules(history, partition, referee, inputs, outOfService, tally);
        read(topics.chatReplies(), partition, replies::read);
        StreamRules streams = new StreamRules(Lane.CHAT, topics.chatEvents(), history, partition, referee, tally);
        read(topics.chatEvents(), partition, streams::read);
        replies.finish(streams.duplicates());
        streams.finish();
    }

    private void heartbeat(int partition, Referee referee, Inputs inputs, MemoryRules memory) {
        HeartbeatRules beats = new HeartbeatRules(history, partition, referee, inputs, memory.alerts(), tally);
        read(topics.heartbeatOutcomes(), partition, beats::outcome);
        read(topics.agentAttention(), partition, beats::attention);
        beats.finish();
        StreamRules streams =
                new StreamRules(Lane.HEARTBEAT, topics.heartbeatEvents(), history, partition, referee, tally);
        read(topics.heartbeatEvents(), partition, streams::read);
        streams.finish();
    }

    /** What the log alone tells to be done. */
    private void done(Inputs inputs, Referee referee) {
        inputs.deletions().forEach((offset, agent) -> {
            if (!referee.isDeletionDone(offset)) {
                tally.missing(
                        Rule.REQUESTS,
                        null,
                        agent,
                        null,
                        "the deletion asked for at offset " + offset + " is not done");
            }
        });
        inputs.schedules().forEach((offset, agent) -> {
            if (!referee.isScheduleTold(offset)) {
                tally.missing(
                        Rule.REQUESTS,
                        null,
                        agent,
                        null,
                        "the log does not tell of the schedule asked for at offset " + offset);
            }
        });
        inputs.tunings().forEach((offset, agent) -> {
            if (!referee.isTuningTold(offset)) {
                tally.missing(
                        Rule.REQUESTS,
                        null,
                        agent,
                        null,
                        "the log does not tell of the tuning of a check at offset " + offset);
            }
        });
        inputs.reactions().forEach((offset, agent) -> {
            if (!referee.isReactionTold(offset)) {
                tally.missing(
                        Rule.REQUESTS,
                        null,
                        agent,
                        null,
                        "the log does not tell of the reaction to a finding at offset " + offset);
            }
        });
        for (Misplaced input : inputs.misplaced()) {
            if (!referee.isRepublished(input.topic(), input.offset())) {
                tally.missing(
                        Rule.REPUBLISHED,
                        input.place(),
                        input.agent(),
                        null,
                        "the input belongs into partition " + input.home()
                                + ", and the log does not say that it is there");
            }
        }
    }

    /** What stood in a wrong partition stands in the right one, too. */
    private void copies(List<Misplaced> misplaced) {
        Map<String, Map<Integer, List<Misplaced>>> byHome = misplaced.stream()
                .collect(Collectors.groupingBy(Misplaced::topic, Collectors.groupingBy(Misplaced::home)));
        byHome.forEach((topic, homes) -> homes.forEach((home, inputs) -> {
            // of the schedules of an agent only the last need be there still
            if (history.beginning(topic, home) > 0 || topic.equals(topics.heartbeatSchedules())) {
                return;
            }
            Set<Long> copies = new HashSet<>();
            history.forEach(topic, home, record -> copies.add(record.checksum()));
            for (Misplaced input : inputs) {
                if (!copies.contains(input.checksum())) {
                    tally.missing(
                            Rule.REPUBLISHED,
                            input.place(),
                            input.agent(),
                            null,
                            "the input belongs into partition " + home + ", and is not there");
                }
            }
        }));
    }

    private void read(String topic, int partition, Consumer<Seen> each) {
        long[] count = {0};
        history.forEach(topic, partition, record -> {
            count[0]++;
            each.accept(record);
        });
        tally.read(topic, count[0]);
    }
}
