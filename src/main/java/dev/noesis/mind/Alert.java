package dev.noesis.mind;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.DecideFinding;
import java.time.Duration;

/** The words in which a human is told of something. Pure; the same cause has the same id. */
public final class Alert {
    private static final long SHOWN_MS = Duration.ofDays(3).toMillis();

    private Alert() {}

    /** That a finding presses, or is there still. */
    static Attention of(FindingEntry entry, String tickId, long now) {
        Finding finding = entry.finding();
        boolean isStill = entry.state() == FindingState.ACKNOWLEDGED
                && entry.alertedAt() != null
                && entry.alertedAt() > entry.since();
        String text = isStill
                ? "Still there " + hours(now - entry.raisedAt()) + " after it was found: " + finding.summary()
                : finding.summary();
        return new Attention(
                tickId + "/" + finding.fingerprint() + (isStill ? "/still" : "/raised"),
                Urgency.HIGH,
                finding.summary(),
                text,
                finding.fingerprint(),
                tickId,
                now + SHOWN_MS,
                null);
    }

    /** That much of one kind lies about. */
    static Attention many(String check, long findings, String tickId, long now) {
        String title = findings + " findings of the check " + check + " are acknowledged and still there";
        return new Attention(
                tickId + "/" + check + "/many", Urgency.NORMAL, title, title, null, tickId, now + SHOWN_MS, null);
    }

    /** Whether its tick tells it at once; else the run does that the tick has opened. */
    public static boolean isOfTick(Attention attention) {
        return !attention.attentionId().equals(attention.tickId() + "/" + attention.fingerprint());
    }

    /** What a run decided to notify of. */
    public static Attention decided(Finding finding, Run run, DecideFinding decision) {
        String tickId = String.valueOf(run.spec().tickId());
        String text = decision.text();
        return new Attention(
                tickId + "/" + finding.fingerprint(),
                finding.urgency(),
                finding.summary(),
                text == null ? finding.summary() : text,
                finding.fingerprint(),
                tickId,
                run.spec().requestedAt() + SHOWN_MS,
                null);
    }

    private static String hours(long ms) {
        long hours = Duration.ofMillis(ms).toHours();
        return hours == 1 ? "an hour" : hours + " hours";
    }
}
