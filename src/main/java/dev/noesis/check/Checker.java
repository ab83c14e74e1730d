package dev.noesis.check;

import dev.noesis.model.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Holds all records of a deployment against the invariants. What it needs is in the topics: it may run after any fault, and
 * knows nothing of the workers that there were.
 */
public final class Checker {
    private Checker() {}

    /**
     * What was found.
     *
     * @param violations empty where every rule holds
     * @param open what is not answered yet
     * @param endings how many chat runs ended in each way: {@code success}, {@code cancelled} or an error's code; refusals
     *     are no runs
     * @param checkpoints how many of each lane were held against the log
     * @param comparisons how many times both lanes had one at the same offset
     * @param deaths tasks that ended without handing over
     */
    public record Report(
            List<Violation> violations,
            List<String> open,
            Map<String, Integer> endings,
            Map<Lane, Integer> checkpoints,
            int comparisons,
            int deaths) {}

    /** What the report is of. */
    public enum Asked {
        /** A deployment at work: what is accepted and not answered is still open. */
        AT_WORK,
        /** A deployment that has had the time to answer everything. */
        DRAINED
    }

    public static Report check(History history) {
        return check(history, Asked.DRAINED);
    }

    public static Report check(History history, Asked asked) {
        List<Violation> violations = new ArrayList<>();
        List<String> open = new ArrayList<>();
        BiConsumer<Rule, String> found = (rule, what) -> violations.add(new Violation(rule, what));
        BiConsumer<Rule, String> late = asked == Asked.DRAINED ? found : (rule, what) -> open.add(what);
        Referee referee = new Referee(found);
        referee.read(history.of(history.topics().mindLog()));
        MemoryRules memory = new MemoryRules(history, referee, found);
        memory.check();
        ChatRequests requests = new ChatRequests(history);
        new ReplyRules(history, referee, requests, memory.outOfService(), found, late).check();
        new StreamRules(Lane.CHAT, history.topics().chatEvents(), history, referee, found).check();
        new StreamRules(Lane.HEARTBEAT, history.topics().heartbeatEvents(), history, referee, found).check();
        HeartbeatRules heartbeat = new HeartbeatRules(history, referee, found);
        heartbeat.check();
        RecordRules records = new RecordRules(history, found);
        records.check();
        records.deadLetters(history.topics().chatDlq(), requests.unreadable);
        records.deadLetters(history.topics().heartbeatDlq(), heartbeat.unreadable());
        return new Report(
                List.copyOf(violations),
                List.copyOf(open),
                endings(referee),
                checkpoints(memory),
                memory.comparisons(),
                referee.deaths(Lane.CHAT) + referee.deaths(Lane.HEARTBEAT));
    }

    private static Map<String, Integer> endings(Referee referee) {
        Map<String, Integer> endings = new HashMap<>();
        for (LoggedRun run : referee.runs()) {
            if (run.lane == Lane.CHAT) {
                String how = switch (run.ending) {
                    case null -> "open";
                    case LoggedRun.Ending.Success _ -> "success";
                    case LoggedRun.Ending.Cancelled _ -> "cancelled";
                    case LoggedRun.Ending.Failed(var code) -> code.id();
                };
                endings.merge(how, 1, Integer::sum);
            }
        }
        return endings;
    }

    private static Map<Lane, Integer> checkpoints(MemoryRules memory) {
        Map<Lane, Integer> checkpoints = new EnumMap<>(Lane.class);
        for (Lane lane : Lane.values()) {
            checkpoints.put(lane, memory.checkpoints(lane));
        }
        return checkpoints;
    }
}
