package dev.noesis.chaos;

import dev.noesis.check.Checker;
import dev.noesis.check.History;
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
 * @param deaths tasks that ended without handing over
 */
record Verdict(List<String> violations, Map<String, Integer> endings, int deaths) {
    /** @param foreign places of the records that the run itself put on the log, which are no events */
    static Verdict of(History history, Set<String> foreign) {
        Checker.Report report = Checker.check(history);
        List<String> violations = report.violations().stream()
                .filter(found -> foreign.stream().noneMatch(place -> isOf(found, place)))
                .map(Object::toString)
                .toList();
        return new Verdict(violations, report.endings(), report.deaths());
    }

    /** Whether it says that this record of the log is no event, or lacks what the lanes' records have. */
    private static boolean isOf(Violation found, String place) {
        boolean ofRecord = found.rule() == Rule.LOG || found.rule() == Rule.RECORDS;
        return ofRecord && (found.what().startsWith(place + " ") || found.what().startsWith(place + ":"));
    }
}
