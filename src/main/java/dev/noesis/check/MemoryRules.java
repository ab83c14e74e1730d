package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Folded;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Checkpoint;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The lanes' memory: their checkpoints against a fold of our own, and that fold against the {@link Referee}. */
final class MemoryRules {
    private final History history;
    private final Referee log;
    private final BiConsumer<Rule, String> violation;
    private final Set<String> outOfService = new HashSet<>();
    private final Map<Lane, Integer> checked = new EnumMap<>(Lane.class);

    private int comparisons;

    private record Hashes(String log, String store) {}

    MemoryRules(History history, Referee log, BiConsumer<Rule, String> violation) {
        this.history = history;
        this.log = log;
        this.violation = violation;
    }

    /** Agents of which an event could not be folded. */
    Set<String> outOfService() {
        return outOfService;
    }

    /** How many checkpoints of that lane were held against the log. */
    int checkpoints(Lane lane) {
        return checked.getOrDefault(lane, 0);
    }

    /** How many times both lanes had a checkpoint at the same offset. */
    int comparisons() {
        return comparisons;
    }

    void check() {
        history.byPartition(history.topics().mindLog()).values().forEach(this::fold);
    }

    private void fold(List<Seen> partition) {
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        Map<Long, Hashes> at = new HashMap<>();
        Map<Long, Map<Lane, Checkpoint>> of = new HashMap<>();
        for (Seen record : partition) {
            Fold.Result result;
            try {
                result = fold.fold(record.offset(), record.key(), record.value(), record.timestamp());
            } catch (Fold.StoppedException e) {
                violation.accept(Rule.LOG, record.place() + ": " + e.getMessage());
                return;
            }
            at.put(
                    record.offset(),
                    new Hashes(
                            fold.position().logHash().hex(),
                            fold.position().storeHash().hex()));
            switch (result) {
                case Fold.Result.Event(String agent, MindEvent event, Folded folded) -> {
                    if (folded instanceof Folded.Faulted && outOfService.add(agent)) {
                        violation.accept(Rule.LOG, record.place() + ": " + folded);
                    }
                    if (event.body() instanceof Checkpoint checkpoint) {
                        checkpoint(record, event.lane(), checkpoint, at, of);
                    }
                }
                case Fold.Result.Poison(String reason) -> violation.accept(Rule.LOG, record.place() + ": " + reason);
                case Fold.Result.Skipped _ -> violation.accept(Rule.LOG, record.place() + " was there before");
            }
        }
        log.runs().stream()
                .filter(run -> run.partition == partition.getFirst().partition())
                .forEach(run -> remembered(fold.cognition(), run));
    }

    private void checkpoint(
            Seen record,
            Lane lane,
            Checkpoint checkpoint,
            Map<Long, Hashes> at,
            Map<Long, Map<Lane, Checkpoint>> byOffset) {
        checked.merge(lane, 1, Integer::sum);
        Hashes hashes = at.get(checkpoint.offset());
        if (hashes == null) {
            violation.accept(
                    Rule.CHECKPOINTS, record.place() + " is of an offset that the log does not have before it");
        } else if (!hashes.log().equals(checkpoint.logHash())) {
            violation.accept(
                    Rule.CHECKPOINTS,
                    record.place() + ": the " + lane.id() + " lane read another log up to " + checkpoint.offset());
        } else if (!hashes.store().equals(checkpoint.storeHash())) {
            violation.accept(
                    Rule.CHECKPOINTS,
                    record.place() + ": the " + lane.id() + " lane's store is another than the log's fold at "
                            + checkpoint.offset());
        }
        Map<Lane, Checkpoint> lanes = byOffset.computeIfAbsent(checkpoint.offset(), _ -> new EnumMap<>(Lane.class));
        lanes.put(lane, checkpoint);
        comparisons += lanes.size() > 1 ? 1 : 0;
        if (lanes.values().stream().distinct().count() > 1) {
            violation.accept(Rule.CHECKPOINTS, record.place() + ": the lanes differ at " + checkpoint.offset());
        }
    }

    private void remembered(Cognition memory, LoggedRun run) {
        Run folded = memory.run(run.agent, run.runId);
        if (log.wasDeleted(run.agent) || outOfService.contains(run.agent)) {
            return;
        }
        if (folded == null) {
            violation.accept(Rule.FIRST_WINS, run + " is in the log and not in memory");
            return;
        }
        if (!state(run.ending).equals(state(folded.state()))) {
            violation.accept(
                    Rule.FIRST_WINS,
                    run + " ended with " + run.ending + " by the log, and is " + folded.state() + " in memory");
        }
        memory.findings(run.agent).stream()
                .filter(entry -> entry.state() == FindingState.ACKNOWLEDGED && run.runId.equals(entry.runId()))
                .filter(entry -> run.decisions().stream()
                        .noneMatch(decision ->
                                decision.fingerprint().equals(entry.finding().fingerprint())))
                .forEach(entry -> violation.accept(
                        Rule.FINDINGS,
                        run + " acknowledged " + entry.finding().fingerprint()
                                + ", which it did not decide or finish"));
    }

    private static String state(@Nullable Ending ending) {
        return switch (ending) {
            case null -> "open";
            case Ending.Success _ -> "finished";
            case Ending.Cancelled(String reason) -> "cancelled " + reason;
            case Ending.Failed(var code) -> "failed " + code.id();
        };
    }

    private static String state(RunState state) {
        return switch (state) {
            case RunState.Open _ -> "open";
            case RunState.Finished _ -> "finished";
            case RunState.Cancelled(String reason) -> "cancelled " + reason;
            case RunState.Failed(var code, String _) -> "failed " + code.id();
        };
    }
}
