package dev.noesis.check;

import java.util.Locale;

/** What a history is held against. */
public enum Rule {
    /** Every record of the log is there, in order, and folds, for agents that are in service. */
    LOG("the log has no gap, and every event of it folds"),
    /** Every accepted run ends, and has exactly one reply, which tells its end as the log does (I1, I3). */
    ONE_REPLY("every accepted run has exactly one reply, which tells its end"),
    /** Every reply belongs to a request, and every request that names its run has a reply. */
    REQUESTS("every reply was asked for, and every request is answered"),
    /** A thread's runs begin in the order of their requests, and those that began are answered in that order (I3). */
    ORDER("the runs of a thread begin and are answered in the order of their requests"),
    /** Of several reports of one thing the first counts, for reply, usage and memory alike (I2). */
    FIRST_WINS("of several reports of one thing the first in the log counts"),
    /** A thread has one step in flight at a time, and an agent one heartbeat run (I4). */
    ONE_STEP("a thread has one step in flight, and an agent one heartbeat run"),
    /** A decision counts only from the task that owns the partition. */
    OWNER("a decision counts from the owner of the partition only"),
    /** Each lane's checkpoints are what its log folds to, and both lanes' are equal at equal offsets (I5). */
    CHECKPOINTS("both lanes' checkpoints are what the log folds to"),
    /** The numbers of a stream run from 0 without a gap for each attempt. */
    STREAM_NUMBERS("the numbers of a stream run from 0 without a gap"),
    /** What the winning attempt streamed is what the log says it answered. */
    STREAM_TEXT("what the winning attempt streamed is its answer"),
    /** Each tick has one outcome, and each tick's name counts once. */
    TICKS("each tick has one outcome"),
    /** A finding is acknowledged by a heartbeat run that has finished or by a human, and a human notified by such a run only. */
    FINDINGS("findings are decided by finished runs or humans, and humans notified by finished runs only"),
    /** What cannot be answered is in the dead letters as it came, once, and nothing else is. */
    DEAD_LETTERS("what cannot be answered is a dead letter, once"),
    /** An input that stands in another partition than its key's is published again to its own. */
    REPUBLISHED("an input in a wrong partition is published again to its own"),
    /** Each record stands in its key's partition, and carries the headers of the contract. */
    RECORDS("each record stands in its key's partition, with the contract's headers");

    private final String promise;

    Rule(String promise) {
        this.promise = promise;
    }

    /** What is promised, in one sentence. */
    public String promise() {
        return promise;
    }

    /** What it is called in reports. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
