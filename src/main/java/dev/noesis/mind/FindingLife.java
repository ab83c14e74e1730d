package dev.noesis.mind;

import static dev.noesis.mind.Memory.FindingState.ACKNOWLEDGED;
import static dev.noesis.mind.Memory.FindingState.DISMISSED;
import static dev.noesis.mind.Memory.FindingState.FLAPPING;
import static dev.noesis.mind.Memory.FindingState.NEW;
import static dev.noesis.mind.Memory.FindingState.RESOLVED;
import static dev.noesis.mind.Memory.FindingState.TRIAGED;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.mind.Memory.FindingState;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.Reaction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a finding moves, whole:
 *
 * <pre>
 *              needs action ┌─────┐ a run finished, or a human ┌──────────────┐
 *   raised ────────────────▶│ new │───────────────────────────▶│ acknowledged │
 *      │                    └─────┘◀── it happened again ──────└──────────────┘
 *      │ needs none         ┌─────────┐   not seen twice running,       │
 *      └───────────────────▶│ triaged │── or a human ─▶ resolved ◀──────┘
 *                           └─────────┘                    │ seen again
 *      new or triaged, the third time flapping ◀───────────┘
 *      any ── a human ──▶ dismissed ── seen again after its end ──▶ new or triaged
 * </pre>
 *
 * <p>Pure: the time is given. What changes nothing gives the same entry back.
 */
public final class FindingLife {
    private static final String DIGEST = "digest";
    private static final int MISSES_THAT_RESOLVE = 2;
    private static final int REOPENINGS_THAT_FLAP = 3;
    private static final long DISMISSED_MS = Duration.ofDays(30).toMillis();
    private static final long LOW_ESCALATES_MS = Duration.ofDays(3).toMillis();
    private static final long NORMAL_ESCALATES_MS = Duration.ofDays(1).toMillis();
    private static final long IGNORED_MS = Duration.ofDays(3).toMillis();
    private static final long ALERT_AGAIN_MS = Duration.ofHours(12).toMillis();

    private FindingLife() {}

    /**
     * A tick raised it.
     *
     * @param before null where it was not known
     * @param lasts whether its check says so for as long as it is there; else it is something that happened
     */
    static FindingEntry raised(@Nullable FindingEntry before, Finding finding, String tickId, boolean lasts, long now) {
        if (before == null) {
            return begun(finding, tickId, lasts, 0, now);
        }
        boolean isTheSameEvent = !lasts && !finding.check().equals(Finding.SIGNALS);
        if (before.tickId().equals(tickId) || isTheSameEvent) {
            return before;
        }
        return switch (before.state()) {
            case NEW, TRIAGED, ACKNOWLEDGED -> {
                boolean isMore = finding.urgency().compareTo(before.finding().urgency()) > 0;
                boolean wantsMore = before.state() == TRIAGED && finding.needsAction();
                yield !lasts || isMore || wantsMore
                        ? begun(finding, tickId, lasts, before.reopened(), now)
                        : seen(before, finding);
            }
            case FLAPPING -> seen(before, finding);
            case RESOLVED -> {
                int reopened = before.reopened() + (lasts ? 1 : 0);
                yield reopened < REOPENINGS_THAT_FLAP
                        ? begun(finding, tickId, lasts, reopened, now)
                        : FindingEntry.begun(finding, FLAPPING, tickId, true, reopened, now);
            }
            case DISMISSED ->
                before.until() != null && now < before.until()
                        ? before
                        : begun(finding, tickId, lasts, before.reopened(), now);
        };
    }

    /** Its check looked and did not find it. */
    static FindingEntry missed(FindingEntry entry, long now) {
        if (!entry.lasts() || entry.state() == RESOLVED || entry.state() == DISMISSED) {
            return entry;
        }
        return entry.misses() + 1 < MISSES_THAT_RESOLVE
                ? entry.missed(entry.misses() + 1)
                : entry.in(RESOLVED, now, null);
    }

    /** A run that has finished decided about it. What a human has said since counts more. */
    static FindingEntry decided(FindingEntry entry, String runId, DecideFinding decision, long now) {
        boolean isOpen = entry.state() == NEW || entry.state() == TRIAGED || runId.equals(entry.runId());
        FindingState state = decision.action() == Action.DEFER ? NEW : ACKNOWLEDGED;
        FindingEntry decided = entry.decided(runId, decision.action().id(), decision.text());
        return isOpen && state != entry.state() ? decided.in(state, now, null) : decided;
    }

    /** A human said something about it. */
    static FindingEntry reacted(
            FindingEntry entry, Reaction reaction, @Nullable Long until, @Nullable String note, long now) {
        FindingEntry said = entry.decided(entry.runId(), reaction.id(), note).ignored(false);
        return switch (reaction) {
            case ACKNOWLEDGE -> said.in(ACKNOWLEDGED, now, null);
            case RESOLVE -> said.in(RESOLVED, now, null);
            case DISMISS -> said.in(DISMISSED, now, until == null ? Long.valueOf(now + DISMISSED_MS) : until);
        };
    }

    /**
     * When a human is to be told again that it is there still, epoch milliseconds; {@link Long#MAX_VALUE} for never. What
     * happened once is not: nobody could say that it is over.
     */
    public static long escalatesAt(FindingEntry entry) {
        if (entry.state() != ACKNOWLEDGED || !entry.lasts()) {
            return Long.MAX_VALUE;
        }
        if (entry.alertedAt() != null && entry.alertedAt() > entry.since()) {
            return entry.alertedAt() + ALERT_AGAIN_MS;
        }
        return entry.since()
                + switch (entry.finding().urgency()) {
                    case LOW -> LOW_ESCALATES_MS;
                    case NORMAL -> NORMAL_ESCALATES_MS;
                    case HIGH -> ALERT_AGAIN_MS;
                };
    }

    /** Whether humans were told of it, and nobody has said anything for three days. */
    static boolean isIgnored(FindingEntry entry, long now) {
        boolean isTold = entry.alertedAt() != null || Action.NOTIFY.id().equals(entry.decision());
        return isTold && entry.state() == ACKNOWLEDGED && entry.ignored() == null && now - entry.since() >= IGNORED_MS;
    }

    /** Whether a tick that finds this changes anything. */
    public static boolean isNews(@Nullable FindingEntry before, Finding finding, boolean lasts, long now) {
        return !raised(before, finding, "", lasts, now).equals(before);
    }

    /** Whether a look of its check that does not find it changes anything. */
    public static boolean isMissed(FindingEntry entry) {
        return missed(entry, entry.since()) != entry;
    }

    /** Whether the day's digest tells of it, or that tick's digest has. */
    public static boolean isInDigest(FindingEntry entry, String tickId) {
        return entry.state() == TRIAGED
                || entry.state() == FLAPPING
                || (entry.state() == ACKNOWLEDGED && entry.lasts())
                || (isDigested(entry) && tickId.equals(entry.runId()));
    }

    /** Whether a digest has settled it. */
    public static boolean isDigested(FindingEntry entry) {
        return DIGEST.equals(entry.decision());
    }

    /** The day's digest has told of it: what needs no action and only happened is done with. */
    static FindingEntry digested(FindingEntry entry, String tickId, long now) {
        return entry.state() == TRIAGED && !entry.lasts()
                ? entry.decided(tickId, DIGEST, null).in(ACKNOWLEDGED, now, null)
                : entry;
    }

    /** What presses is told at once, before any run has seen it. */
    private static FindingEntry begun(Finding finding, String tickId, boolean lasts, int reopened, long now) {
        FindingEntry begun =
                FindingEntry.begun(finding, finding.needsAction() ? NEW : TRIAGED, tickId, lasts, reopened, now);
        return finding.urgency() == Urgency.HIGH ? begun.alerted(tickId, now) : begun;
    }

    /** It is there still; what it says may have changed. */
    private static FindingEntry seen(FindingEntry before, Finding finding) {
        return before.misses() == 0 && before.finding().equals(finding) ? before : before.saying(finding);
    }
}
