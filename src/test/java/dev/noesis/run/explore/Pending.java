package dev.noesis.run.explore;

import dev.noesis.run.Effect;
import dev.noesis.run.SteppedLane.CallRef;

/** Something that a process was told to do, and has not done yet. Processes that are gone may still do it, or never. */
sealed interface Pending {
    int process();

    String describe();

    /**
     * A record is on its way into the log, which takes as long as it takes.
     *
     * @param mayVanish whether nobody relies on it
     */
    record Landing(int process, Records.Rec record, boolean mayVanish) implements Pending {
        @Override
        public String describe() {
            return record.truth().eventId();
        }
    }

    /** A record is to be appended when its time has come. */
    record Delayed(int process, String incarnation, String effectKey, Records.Rec record) implements Pending {
        @Override
        public String describe() {
            return record.truth().eventId();
        }
    }

    /**
     * A model is asked.
     *
     * @param barrier offset of the one under which it was launched
     * @param begun whether it is in flight; else it waits for its time
     * @param released whether its tenure has ended and left it to finish
     */
    record Calling(int process, String incarnation, long barrier, CallRef call, boolean begun, boolean released)
            implements Pending {
        @Override
        public String describe() {
            return call.run() + "/" + call.step() + " of " + incarnation;
        }
    }

    /** A tool is at work; the rest as with {@link Calling}. */
    record Tooling(int process, String incarnation, Effect.CallTool call, boolean begun, boolean released)
            implements Pending {
        @Override
        public String describe() {
            return call.runId() + "/" + call.step() + "/" + call.callId() + " of " + incarnation;
        }
    }
}
