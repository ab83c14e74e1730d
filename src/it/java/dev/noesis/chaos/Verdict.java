package dev.noesis.chaos;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.History;
import dev.noesis.check.Report;
import dev.noesis.check.Rule;
import dev.noesis.check.Violation;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the checker says of a history.
 *
 * @param violations each in words; empty where every rule holds
 * @param endings how many chat runs ended how
 * @param calls of models, by what streams and log know of them
 * @param deaths tasks that ended without handing over
 */
record Verdict(List<String> violations, Map<String, Integer> endings, Report.Calls calls, int deaths) {
    /** Brokers were away at times; and all had the time to be answered. */
    private static final Circumstances CHAOS = new Circumstances(true, true);

    /** @param foreign places of the records that the run itself put on the log, which are no events */
    static Verdict of(History history, Set<String> foreign) {
        Report report = Checker.check(history, CHAOS);
        List<String> violations = report.violations().stream()
                .filter(found -> !isOf(found, foreign))
                .map(Object::toString)
                .toList();
        return new Verdict(violations, report.chatEndings(), report.calls(), report.deaths());
    }

    /** Whether it says that one of these records of the log is no event, or lacks what the lanes' records have. */
    private static boolean isOf(Violation found, Set<String> foreign) {
        return (found.rule() == Rule.LOG || found.rule() == Rule.RECORDS)
                && found.place() != null
                && foreign.contains(found.place());
    }
}
