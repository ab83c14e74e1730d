package dev.noesis.mind;

import dev.noesis.mind.Memory.CheckEntry;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.mind.Memory.Tuning;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Finding;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MindEvent.CheckTuned;
import dev.noesis.model.MindEvent.FindingReacted;
import dev.noesis.model.MindEvent.FindingsRaised;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fold of an agent's findings: raised by a tick, missed by a check, decided by the run that looked at them, seen to by a
 * human, forgotten in the end. {@link FindingLife} says how each moves. And what humans make of the findings of each check,
 * by which the tuner has it look more often or less.
 */
final class FindingFold {
    private static final long REMEMBER_RESOLVED_MS = Duration.ofDays(7).toMillis();

    private final MindStore store;
    private final Expiries expiries;

    FindingFold(MindStore store, Expiries expiries) {
        this.store = store;
        this.expiries = expiries;
    }

    /**
     * A tick that is told of twice, as after a crash, changes nothing, and has the same to tell humans. An agent has one tick at
     * a time: what was decided before another tick counted is a repetition that comes late.
     */
    Folded raise(String agent, FindingsRaised raised, long offset, long now) {
        String tick = raised.tickId();
        if (raised.basedOn() != null && raised.basedOn() < attentions(agent).raisedAt()) {
            return new Folded.Ignored("a later tick has looked");
        }
        if (raised.tuned() != null) {
            raised.tuned().forEach(tuning -> tune(agent, tuning));
        }
        Map<String, FindingEntry> before = entries(agent);
        Map<String, FindingEntry> after = moved(agent, raised, before, now);
        after.forEach((fingerprint, entry) -> put(agent, before.get(fingerprint), entry, REMEMBER_RESOLVED_MS));
        List<Attention> alerts = new ArrayList<>();
        after.values().stream()
                .filter(entry -> tick.equals(entry.alertedBy()))
                .forEach(entry -> alerts.add(Alert.of(entry, tick, now)));
        raised.reports()
                .forEach(report -> looked(agent, report, tick, after, now).ifPresent(alerts::add));
        Attentions told = attentions(agent).with(alerts, now).raised(offset);
        store.put(Keys.attentions(agent), isDigest(raised) ? told.digested(tick, now) : told);
        return new Folded.Raised(tick, raised.findings(), alerts, digest(agent, tick, after));
    }

    /** Where each finding of the agent stands behind that tick. */
    private Map<String, FindingEntry> moved(
            String agent, FindingsRaised raised, Map<String, FindingEntry> before, long now) {
        String tick = raised.tickId();
        Set<String> lasting = raised.reports().stream()
                .filter(CheckReport::seesAll)
                .map(CheckReport::name)
                .collect(Collectors.toSet());
        Set<String> looked = raised.reports().stream()
                .filter(report -> report.isWhole() && isFirst(agent, report, tick))
                .map(CheckReport::name)
                .collect(Collectors.toSet());
        Set<String> found = raised.findings().stream().map(Finding::fingerprint).collect(Collectors.toSet());
        Map<String, FindingEntry> after = new TreeMap<>(before);
        for (Finding finding : raised.findings()) {
            after.compute(
                    finding.fingerprint(),
                    (_, known) -> FindingLife.raised(known, finding, tick, lasting.contains(finding.check()), now));
        }
        after.replaceAll((fingerprint, entry) -> {
            boolean isMissed = looked.contains(entry.finding().check()) && !found.contains(fingerprint);
            FindingEntry next = isMissed ? FindingLife.missed(entry, now) : entry;
            if (FindingLife.isIgnored(next, now)) {
                count(agent, next.finding(), 0, 1);
                next = next.ignored(true);
            }
            FindingEntry told = FindingLife.escalatesAt(next) <= now ? next.alerted(tick, now) : next;
            return isDigest(raised) ? FindingLife.digested(told, tick, now) : told;
        });
        return after;
    }

    /** How the check fares after its look, and that much of what it found lies about, where a human is to be told. */
    private Optional<Attention> looked(
            String agent, CheckReport report, String tick, Map<String, FindingEntry> findings, long now) {
        long many = findings.values().stream()
                .filter(entry -> entry.finding().check().equals(report.name()))
                .filter(entry -> entry.lasts() && entry.state() == FindingState.ACKNOWLEDGED)
                .count();
        CheckEntry after = Checkup.looked(check(agent, report.name()), report, tick, many, now);
        store.put(Keys.check(agent, report.name()), after);
        return tick.equals(after.accumulatedBy())
                ? Optional.of(Alert.many(report.name(), many, tick, now))
                : Optional.empty();
    }

    private static boolean isDigest(FindingsRaised raised) {
        return Boolean.TRUE.equals(raised.digest());
    }

    private List<FindingEntry> digest(String agent, String tick, Map<String, FindingEntry> findings) {
        return tick.equals(attentions(agent).digestBy())
                ? findings.values().stream()
                        .filter(entry -> FindingLife.isInDigest(entry, tick))
                        .toList()
                : List.of();
    }

    /** Whether this is the first that is heard of that tick's look: else what it missed was counted. */
    private boolean isFirst(String agent, CheckReport report, String tick) {
        CheckEntry known = check(agent, report.name());
        return known == null || !known.tickId().equals(tick);
    }

    /** What a finished run decided. */
    void decide(String agent, Run run, DecideFinding decision, long now) {
        FindingEntry before = store.get(Keys.finding(agent, decision.fingerprint()), FindingEntry.class);
        if (before == null) {
            return;
        }
        put(
                agent,
                before,
                FindingLife.decided(before, run.runId(), decision, now),
                before.lasts() ? REMEMBER_RESOLVED_MS : run.spec().rememberMs());
        if (decision.action() == Action.NOTIFY) {
            Attention attention = Alert.decided(before.finding(), run, decision);
            store.put(Keys.attentions(agent), attentions(agent).with(List.of(attention), now));
        }
    }

    /** What a human said of it. A record that is read again says nothing new. */
    Folded react(String agent, FindingReacted reacted, long now) {
        Long record = reacted.requestOffset();
        if (record != null && record <= attentions(agent).reactedAt()) {
            return new Folded.Ignored("its record has counted, or a later one");
        }
        FindingEntry before = store.get(Keys.finding(agent, reacted.fingerprint()), FindingEntry.class);
        if (before == null) {
            return new Folded.Ignored("there is no such finding");
        }
        put(
                agent,
                before,
                FindingLife.reacted(before, reacted.action(), reacted.until(), reacted.note(), now),
                REMEMBER_RESOLVED_MS);
        boolean isSaidAgain = reacted.action().id().equals(before.decision());
        if (!isSaidAgain) {
            switch (reacted.action()) {
                case RESOLVE -> count(agent, before.finding(), 2, 0);
                case DISMISS -> count(agent, before.finding(), 0, 2);
                case ACKNOWLEDGE -> {
                    // that somebody sees to it says nothing yet
                }
            }
        }
        Attentions left = attentions(agent).without(reacted.fingerprint());
        store.put(Keys.attentions(agent), record == null ? left : left.reacted(record));
        return new Folded.Noted();
    }

    /** What the operator said of a check. A record that is read again says nothing new. */
    Folded tune(String agent, CheckTuned tuned) {
        Long record = tuned.requestOffset();
        if (record != null && record <= attentions(agent).reactedAt()) {
            return new Folded.Ignored("its record has counted, or a later one");
        }
        Tuning known = tuning(agent, tuned.check());
        boolean setsEvery = tuned.reset() || tuned.everyMs() != null;
        Tuning set = setsEvery ? known.every(tuned.reset() ? null : tuned.everyMs(), null) : known;
        Tuning after = tuned.pinned() == null ? set : set.pinned(tuned.pinned());
        if (after.equals(Tuning.NONE)) {
            store.delete(Keys.tuning(agent, tuned.check()));
        } else {
            store.put(Keys.tuning(agent, tuned.check()), after);
        }
        if (record != null) {
            store.put(Keys.attentions(agent), attentions(agent).reacted(record));
        }
        return new Folded.Noted();
    }

    /** What the tuner decided, unless that is known already, or the operator has said something since. */
    private void tune(String agent, CheckTuning decided) {
        Tuning known = tuning(agent, decided.check());
        if (known.isComplete()) {
            store.put(Keys.tuning(agent, decided.check()), known.every(decided.everyMs(), decided.beforeMs()));
        }
    }

    /** What became of a finding speaks for its check or against it. Each tick looks at signals: there is nothing to tune. */
    private void count(String agent, Finding finding, int useful, int noise) {
        if (!finding.check().equals(Finding.SIGNALS)) {
            store.put(
                    Keys.tuning(agent, finding.check()),
                    tuning(agent, finding.check()).found(useful, noise));
        }
    }

    /** A chat goes on in that thread: what waits to be told is told there. */
    void chatBegan(String agent, String thread, long now) {
        Attentions waiting = attentions(agent);
        Attentions told = waiting.in(thread, now);
        if (!told.equals(waiting)) {
            store.put(Keys.attentions(agent), told);
        }
    }

    private Map<String, FindingEntry> entries(String agent) {
        Map<String, FindingEntry> entries = new TreeMap<>();
        store.scanBackwards(
                Keys.findings(agent),
                FindingEntry.class,
                entry -> entries.put(entry.finding().fingerprint(), entry) == null);
        return entries;
    }

    private @Nullable CheckEntry check(String agent, String name) {
        return store.get(Keys.check(agent, name), CheckEntry.class);
    }

    private Tuning tuning(String agent, String check) {
        Tuning known = store.get(Keys.tuning(agent, check), Tuning.class);
        return known == null ? Tuning.NONE : known;
    }

    private Attentions attentions(String agent) {
        Attentions known = store.get(Keys.attentions(agent), Attentions.class);
        return known == null ? Attentions.NONE : known;
    }

    /**
     * Keeps it where it changed.
     *
     * @param rememberMs how long once it is settled; what may be there still is kept until it is over
     */
    private void put(String agent, @Nullable FindingEntry before, FindingEntry after, long rememberMs) {
        if (after.equals(before)) {
            return;
        }
        String key = Keys.finding(agent, after.finding().fingerprint());
        store.put(key, after);
        boolean hasMoved = before == null || before.state() != after.state() || before.since() != after.since();
        if (!hasMoved || !after.state().isSettled()) {
            return;
        }
        if (after.state() == FindingState.RESOLVED) {
            store.put(
                    Keys.attentions(agent),
                    attentions(agent).without(after.finding().fingerprint()));
        }
        boolean mayBeThere = after.state() == FindingState.ACKNOWLEDGED && after.lasts();
        if (!mayBeThere) {
            long from = after.until() == null ? after.since() : Math.max(after.since(), after.until());
            expiries.findingAt(from + rememberMs, key, after.since());
        }
    }
}
