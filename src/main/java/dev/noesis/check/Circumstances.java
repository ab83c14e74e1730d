package dev.noesis.check;

/**
 * What is known of a deployment beside its topics.
 *
 * @param drained it has had the time to answer everything: what is open is a violation
 * @param outages brokers or connections to them were away at times: streams may lack events where no worker died
 */
public record Circumstances(boolean drained, boolean outages) {
    /** All is answered, and no broker was away. */
    public static final Circumstances DRAINED = new Circumstances(true, false);

    /** At work, and no broker was away. */
    public static final Circumstances AT_WORK = new Circumstances(false, false);
}
