package dev.noesis.check;

/** What the checker holds a history against. */
public enum Rule {
    /** Every record of the log is an event that folds, for agents that are in service. */
    LOG,
    /** Every accepted run ends, and has exactly one reply, which tells its end as the log does (I1, I3). */
    ONE_REPLY,
    /** Every reply belongs to a request, and every request that names its run has a reply. */
    REQUESTS,
    /** A thread's runs begin in the order of their requests, and those that began are answered in that order (I3). */
    ORDER,
    /** Of several reports of one thing the first counts, for reply, usage and memory alike (I2). */
    FIRST_WINS,
    /** A thread has one step in flight at a time, and an agent one heartbeat run (I4). */
    ONE_STEP,
    /** Each lane's checkpoints are what its log folds to, and both lanes' are equal at equal offsets (I5). */
    CHECKPOINTS,
    /** The numbers of a stream run from 0 without a gap for each attempt. */
    STREAM_NUMBERS,
    /** What the winning attempt streamed is what the reply says. */
    STREAM_TEXT,
    /** Each tick has one outcome, and each tick's name counts once. */
    TICKS,
    /** A finding is acknowledged, and a human notified, only by a heartbeat run that has finished. */
    FINDINGS,
    /** What cannot be answered is in the dead letters, once, and nothing else is. */
    DEAD_LETTERS,
    /** Each record stands in its key's partition, and carries the headers of the contract. */
    RECORDS
}
