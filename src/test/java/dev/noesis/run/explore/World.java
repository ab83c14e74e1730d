package dev.noesis.run.explore;

import dev.noesis.model.Lane;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** All that there is at a moment: the log, each lane's task, and what was handed over and is not done. Copied, then changed. */
final class World {
    private static final long FNV = 0x100000001b3L;

    LogNode log;
    final Side[] sides;
    /** By {@link Records}, ascending. */
    int[] pending = {};
    /** What clients were told, committed. */
    SortedSet<String> answers = new TreeSet<>();

    int now;
    int crashes;
    int handovers;
    int duplicates;
    int failures;
    int expiries;

    /** A lane: its task, what of it was committed, and the one before if it has not noticed. */
    static final class Side {
        LaneState state;
        int process;
        /** How many records of the log, and inputs, the task has read. */
        int read;

        int taken;
        /** The inputs by index in the script, in the order in which they stand in their topics. */
        int[] inputs = {};

        /** What was committed; null where no crash can come any more. */
        Image saved;

        int savedRead;
        int savedTaken;
        /** How many records were read since. */
        int open;

        List<String> unsaved = List.of();

        /** Null for none. */
        LaneState zombie;

        int zombieProcess;
        int zombieRead;
        int zombieTaken;

        Side copy() {
            Side copy = new Side();
            copy.state = state;
            copy.process = process;
            copy.read = read;
            copy.taken = taken;
            copy.inputs = inputs;
            copy.saved = saved;
            copy.savedRead = savedRead;
            copy.savedTaken = savedTaken;
            copy.open = open;
            copy.unsaved = unsaved;
            copy.zombie = zombie;
            copy.zombieProcess = zombieProcess;
            copy.zombieRead = zombieRead;
            copy.zombieTaken = zombieTaken;
            return copy;
        }
    }

    World(Side[] sides) {
        this.sides = sides;
    }

    World copy() {
        Side[] copies = new Side[sides.length];
        for (int i = 0; i < sides.length; i++) {
            copies[i] = sides[i].copy();
        }
        World copy = new World(copies);
        copy.log = log;
        copy.pending = pending;
        copy.answers = answers;
        copy.now = now;
        copy.crashes = crashes;
        copy.handovers = handovers;
        copy.duplicates = duplicates;
        copy.failures = failures;
        copy.expiries = expiries;
        return copy;
    }

    Side side(Lane lane) {
        return switch (lane) {
            case CHAT -> sides[0];
            case HEARTBEAT -> sides[1];
        };
    }

    /** How many records the log has. */
    int end() {
        return log == null ? 0 : log.offset + 1;
    }

    void add(int id) {
        int[] next = Arrays.copyOf(pending, pending.length + 1);
        next[pending.length] = id;
        Arrays.sort(next);
        pending = next;
    }

    void remove(int id) {
        int at = Arrays.binarySearch(pending, id);
        int[] next = new int[pending.length - 1];
        System.arraycopy(pending, 0, next, 0, at);
        System.arraycopy(pending, at + 1, next, at, next.length - at);
        pending = next;
    }

    void answered(List<String> more) {
        if (!more.isEmpty()) {
            answers = new TreeSet<>(answers);
            answers.addAll(more);
        }
    }

    /**
     * Equal for worlds that go on alike. What of the log all have read and committed is not looked at: it is in the tasks'
     * states.
     */
    long fingerprint() {
        long hash = 0xcbf29ce484222325L;
        int from = end();
        for (Side side : sides) {
            from = Math.min(from, side.read);
            hash = mix(hash, side.state.id);
            hash = mix(hash, side.process);
            hash = mix(hash, side.read);
            hash = mix(hash, side.taken);
            int inputsFrom = side.taken;
            if (side.saved != null) {
                from = Math.min(from, side.savedRead);
                inputsFrom = Math.min(inputsFrom, side.savedTaken);
                hash = mix(hash, side.saved.key().high());
                hash = mix(hash, side.savedRead);
                hash = mix(hash, side.savedTaken);
                hash = mix(hash, side.open);
                hash = mix(hash, side.unsaved.hashCode());
            }
            if (side.zombie != null) {
                from = Math.min(from, side.zombieRead);
                inputsFrom = Math.min(inputsFrom, side.zombieTaken);
                hash = mix(hash, side.zombie.id);
                hash = mix(hash, side.zombieProcess);
                hash = mix(hash, side.zombieRead);
                hash = mix(hash, side.zombieTaken);
            }
            int[] past = Arrays.copyOf(side.inputs, inputsFrom);
            Arrays.sort(past);
            hash = mix(hash, Arrays.hashCode(past));
            for (int i = inputsFrom; i < side.inputs.length; i++) {
                hash = mix(hash, side.inputs[i]);
            }
        }
        hash = mix(hash, end());
        for (LogNode node = log; node != null && node.offset >= from; node = node.before) {
            hash = mix(hash, node.record.id());
            hash = mix(hash, node.time);
        }
        for (int id : pending) {
            hash = mix(hash, id);
        }
        hash = mix(hash, answers.hashCode());
        hash = mix(hash, now);
        hash = mix(hash, crashes);
        hash = mix(hash, handovers);
        hash = mix(hash, duplicates);
        hash = mix(hash, failures);
        return mix(hash, expiries);
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * FNV;
        mixed ^= mixed >>> 29;
        mixed *= 0xbf58476d1ce4e5b9L;
        return mixed ^ mixed >>> 32;
    }
}
