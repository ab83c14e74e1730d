package dev.noesis.mind;

import java.util.HexFormat;

/**
 * The keys of cognition. All of an agent's entries share a prefix, so that they can be emptied in one scan; parts are
 * separated by NUL, which no id may contain.
 */
final class Keys {
    /** Fences and other things of the partition. */
    static final String PARTITION = "p";

    private Keys() {}

    static String ofAgent(String agent) {
        return "a\0" + agent + "\0";
    }

    static String agent(String agent) {
        return ofAgent(agent) + "a";
    }

    /** When the agent was deleted, in the order of time. */
    static String deletions(String agent) {
        return ofAgent(agent) + "d\0";
    }

    static String deletion(String agent, long at) {
        return deletions(agent) + sortable(at);
    }

    static String threads(String agent) {
        return ofAgent(agent) + "t\0";
    }

    static String thread(String agent, String thread) {
        return threads(agent) + thread;
    }

    static String turns(String agent, String thread) {
        return ofAgent(agent) + "u\0" + thread + "\0";
    }

    static String turn(String agent, String thread, long turn) {
        return turns(agent, thread) + sortable(turn);
    }

    static String runs(String agent) {
        return ofAgent(agent) + "r\0";
    }

    static String run(String agent, String run) {
        return runs(agent) + run;
    }

    static String facts(String agent) {
        return ofAgent(agent) + "f\0";
    }

    /** Facts are ordered by when they were learned. */
    static String fact(String agent, long offset, int index) {
        return facts(agent) + sortable(offset) + "\0" + sortable(index);
    }

    static String decisions(String agent) {
        return ofAgent(agent) + "e\0";
    }

    /** Decisions are ordered by when they were made. */
    static String decision(String agent, long offset, int index) {
        return decisions(agent) + sortable(offset) + "\0" + sortable(index);
    }

    /** Where the decision of that id stands. */
    static String decisionOf(String agent, String decisionId) {
        return ofAgent(agent) + "i\0" + decisionId;
    }

    /** Which decisions are reviewed, in the order in which they were made. */
    static String reviewed(String agent) {
        return ofAgent(agent) + "v\0";
    }

    /** That the decision of that key is. */
    static String reviewed(String agent, String decision) {
        return reviewed(agent) + decision.substring(decisions(agent).length());
    }

    /** How many decisions there are. */
    static String decisionCount(String agent) {
        return ofAgent(agent) + "n";
    }

    /** Runs that failed, ordered by when they did. */
    static String failures(String agent) {
        return ofAgent(agent) + "l\0";
    }

    static String failure(String agent, long offset) {
        return failures(agent) + sortable(offset);
    }

    static String findings(String agent) {
        return ofAgent(agent) + "g\0";
    }

    static String finding(String agent, String fingerprint) {
        return findings(agent) + fingerprint;
    }

    static String check(String agent, String name) {
        return ofAgent(agent) + "c\0" + name;
    }

    static String tunings(String agent) {
        return ofAgent(agent) + "o\0";
    }

    /** How often the check of that name looks, and what humans made of what it found. */
    static String tuning(String agent, String check) {
        return tunings(agent) + check;
    }

    /** What waits to be told in its conversations. */
    static String attentions(String agent) {
        return ofAgent(agent) + "w";
    }

    static String schedule(String agent) {
        return ofAgent(agent) + "s";
    }

    /** What its heartbeats were charged of late. */
    static String spent(String agent) {
        return ofAgent(agent) + "b";
    }

    static String expiries() {
        return "x\0";
    }

    /** When the entry of that key is to be forgotten. */
    static String expiry(long at, String key) {
        return expiries() + sortable(at) + "\0" + key;
    }

    /** The key of the entry that is to be forgotten by that expiry. */
    static String expiring(String expiry) {
        return expiry.substring(expiries().length() + 17);
    }

    /** A number ≥ 0 as text of fixed width, so that text order is number order. */
    static String sortable(long number) {
        return HexFormat.of().toHexDigits(number);
    }
}
