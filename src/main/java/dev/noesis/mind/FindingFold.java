package dev.noesis.mind;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent.FindingsRaised;

/** The fold of an agent's findings: raised by a tick, decided by the run that looked at them, forgotten in the end. */
final class FindingFold {
    private final MindStore store;
    private final Expiries expiries;

    FindingFold(MindStore store, Expiries expiries) {
        this.store = store;
        this.expiries = expiries;
    }

    Folded raise(String agent, FindingsRaised raised, long now) {
        for (Finding finding : raised.findings()) {
            String key = Keys.finding(agent, finding.fingerprint());
            FindingEntry known = store.get(key, FindingEntry.class);
            boolean raisedBefore = known != null && known.tickId().equals(raised.tickId());
            if (!raisedBefore) {
                store.put(key, new FindingEntry(finding, FindingState.NEW, raised.tickId(), null, now, null, null));
            }
        }
        return new Folded.Raised(raised.tickId(), raised.findings());
    }

    /** What a finished run decided. */
    void decide(String agent, Run run, DecideFinding decision, long now) {
        String key = Keys.finding(agent, decision.fingerprint());
        FindingEntry entry = store.get(key, FindingEntry.class);
        if (entry == null) {
            return;
        }
        FindingState next = decision.action() == Action.DEFER ? FindingState.NEW : FindingState.ACKNOWLEDGED;
        store.put(
                key,
                new FindingEntry(
                        entry.finding(),
                        next,
                        entry.tickId(),
                        run.runId(),
                        entry.raisedAt(),
                        decision.action().id(),
                        decision.text()));
        if (next == FindingState.ACKNOWLEDGED) {
            expiries.findingAt(now + run.spec().rememberMs(), key, entry.tickId());
        }
    }
}
