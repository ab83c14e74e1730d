package dev.noesis.run.explore;

/** What must hold, by the invariant that it is of. */
enum Law {
    /** I1: where nothing moves any more, all that was asked for is answered, and the outbox is empty. */
    NOTHING_LOST,
    /** I1: an effect stays in the outbox until an event that counts says that it is done. */
    OUTBOX,
    /** I2: what has ended stays as it is, and an answer counts for its own step, once. */
    FIRST_WINS,
    /** I2: a call whose answer stands before a task's barrier is not made again, and a run not opened again. */
    PAID_ONCE,
    /** I2: a task decides nothing, and launches nothing, before its barrier stands in the log. */
    BARRIER,
    /** I3: a run has one reply. */
    ONE_REPLY,
    /** I3: runs of a thread that began are answered in order. */
    IN_ORDER,
    /** I4: one run of a thread is open at a time, and one of the heartbeat; what is asked for is its current step. */
    ONE_AT_A_TIME,
    /** A decision of one who does not own the partition any more changes nothing. */
    FENCE,
    /** Calls that were left to finish are not made again before their time is over. */
    HANDOVER,
    /** I5: all folds of the log are equal at equal offsets. */
    FOLDS_EQUAL
}
