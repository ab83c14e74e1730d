package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.AgentId;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidTypeIdException;

/**
 * Folds the records of one partition of {@code mind.log} into cognition, in order and without a gap, and keeps count: the
 * offset, the fold's clock, the rolling hash of the log and the set hash of the entries. At equal offsets two folds of one
 * log are equal in all four.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
public final class Fold {
    /** What a later build may have named an event: anything else in its place is no event at all. */
    private static final Pattern EVENT_TYPE = Pattern.compile("[A-Z][A-Za-z]{2,60}");

    private final Build build;
    private final MindStore store;
    private final Cognition cognition;
    private Position position;

    /** With what this build can fold. */
    public Fold(Entries entries, Position position) {
        this(entries, position, Build.THIS);
    }

    /**
     * @param entries what was folded so far
     * @param position how far that is; {@link Position#START} with empty entries
     * @throws IllegalArgumentException if the entries are of another fold's meaning: they want to be folded anew
     */
    public Fold(Entries entries, Position position, Build build) {
        if (position.foldVersion() != build.foldVersion()) {
            throw new IllegalArgumentException("the store was folded by version " + position.foldVersion()
                    + " of the fold and this build has version " + build.foldVersion());
        }
        this.build = build;
        this.store = new MindStore(entries, position.storeHash());
        this.cognition = new Cognition(store);
        this.position = position;
    }

    /**
     * How far a fold is.
     *
     * @param offset of the last folded record; -1 before the first
     * @param clock running maximum of the records' append times, epoch milliseconds
     */
    public record Position(long offset, long clock, Digest logHash, Digest storeHash, int foldVersion) {
        public static final Position START = start(Build.THIS);

        public static Position start(Build build) {
            return new Position(-1, 0, Digest.ZERO, Digest.ZERO, build.foldVersion());
        }
    }

    /** What became of a record. */
    public sealed interface Result {
        /** It was folded before. */
        record Skipped() implements Result {}

        /** It is no event: null, unreadable, malformed. It counts in the log's hash and for nothing else. */
        record Poison(String reason) implements Result {}

        record Event(String agent, MindEvent event, Folded folded) implements Result {}
    }

    /** The log cannot be folded on: it has a gap, an event that this build does not know, or another partition count. */
    public static final class StoppedException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        public StoppedException(String message) {
            super(message);
        }
    }

    /**
     * Folds one record.
     *
     * @param timestamp its append time, epoch milliseconds
     * @throws StoppedException if it is not the next one, or is of a type or version that this build does not know
     */
    public Result fold(long offset, byte @Nullable [] key, byte @Nullable [] value, long timestamp) {
        if (offset <= position.offset()) {
            return new Result.Skipped();
        }
        if (offset != position.offset() + 1) {
            throw new StoppedException("mind.log has a gap: offset " + (position.offset() + 1)
                    + " should come next, and " + offset + " came");
        }
        long clock = Math.max(position.clock(), timestamp);
        Result result = result(offset, key, value, clock);
        cognition.forget(clock);
        store.commit();
        byte[] none = new byte[0];
        position = new Position(
                offset,
                clock,
                position.logHash().chain(offset, key == null ? none : key, value == null ? none : value),
                store.hash(),
                build.foldVersion());
        return result;
    }

    /**
     * Removes so many of the entries that another version of the fold has left. A fold that is to begin anew does so until there
     * are none, before its first record.
     *
     * @return how many there were
     */
    public int remove(int most) {
        if (position.offset() >= 0) {
            throw new IllegalStateException("this fold has entries of its own");
        }
        return store.remove(most);
    }

    public Position position() {
        return position;
    }

    public Cognition cognition() {
        return cognition;
    }

    private Result result(long offset, byte @Nullable [] key, byte @Nullable [] value, long clock) {
        if (key == null || value == null) {
            return new Result.Poison(key == null ? "it has no key" : "it has no value");
        }
        MindEvent event;
        try {
            event = Json.read(value, MindEvent.class);
        } catch (JacksonException e) {
            stopAtLaterVersion(offset, value);
            if (e instanceof InvalidTypeIdException unknown
                    && unknown.getBaseType().getRawClass() == MindEvent.Body.class
                    && EVENT_TYPE.matcher(String.valueOf(unknown.getTypeId())).matches()) {
                throw new StoppedException("mind.log has an event of type '" + unknown.getTypeId() + "' at offset "
                        + offset + ", which this build does not know; upgrade it");
            }
            return new Result.Poison(e.getOriginalMessage());
        }
        String agent = new String(key, UTF_8);
        String wrong = malformed(agent, event);
        if (wrong != null) {
            stopAtLaterVersion(offset, value);
            return new Result.Poison(wrong);
        }
        if (event.version() > build.logVersion()) {
            throw laterVersion(offset, event.version());
        }
        return new Result.Event(agent, event, replay(agent, event, offset, clock));
    }

    /** A later version may have any shape: what this build takes for malformed may be what it does not know yet. */
    private void stopAtLaterVersion(long offset, byte[] value) {
        JsonNode version;
        try {
            version = Json.tree(value).path("version");
        } catch (JacksonException e) {
            return;
        }
        if (version.isIntegralNumber() && version.asLong(0) > build.logVersion()) {
            throw laterVersion(offset, version.asLong(0));
        }
    }

    private StoppedException laterVersion(long offset, long version) {
        return new StoppedException("mind.log has an event of version " + version + " at offset " + offset
                + ", and this build knows them up to " + build.logVersion() + "; upgrade it");
    }

    /** An event that cannot be folded must stop neither the lane nor the other agents of the partition. */
    private Folded replay(String agent, MindEvent event, long offset, long clock) {
        try {
            return cognition.replay(agent, event, offset, clock);
        } catch (RuntimeException e) {
            store.rollback();
            return cognition.fault(agent, "event " + event.eventId() + " could not be folded: " + e, offset);
        }
    }

    /** Jackson leaves absent fields null, whatever their type says. */
    @SuppressWarnings("NullAway")
    private static @Nullable String malformed(String agent, MindEvent event) {
        if (event == null || event.body() == null) {
            return "it has no body";
        }
        if (event.eventId() == null || event.lane() == null || event.origin() == null) {
            return "eventId, lane and origin are required";
        }
        return switch (event.body()) {
            case MindEvent.Barrier barrier -> barrier.incarnation() == null ? "incarnation is required" : null;
            case MindEvent.Handover _, MindEvent.Checkpoint _, MindEvent.Republished _ -> null;
            case MindEvent.FindingsRaised _,
                    MindEvent.FindingReacted _,
                    MindEvent.CheckTuned _,
                    MindEvent.AgentDeleted _,
                    MindEvent.ScheduleSet _ -> AgentId.check(agent);
            case MindEvent.RunOpened _,
                    MindEvent.StepCompleted _,
                    MindEvent.StepFailed _,
                    MindEvent.ToolCompleted _,
                    MindEvent.RunCancelled _,
                    MindEvent.RunExpired _ -> {
                String wrong = AgentId.check(agent);
                yield wrong != null ? wrong : event.runId() == null ? "runId is required" : null;
            }
        };
    }
}
