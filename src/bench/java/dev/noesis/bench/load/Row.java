package dev.noesis.bench.load;

import dev.noesis.serde.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * One window of one subject, by keys; a figure that was not taken is not there. Times are in milliseconds, sizes in bytes.
 *
 * <dl>
 *   <dt>kind</dt>
 *   <dd>{@code throughput} keeps so many in flight, {@code delay} begins so many a second, {@code scale} keeps twice as many in
 *       flight as the workers may take on
 *   <dt>subject, workers, partitions, round, seconds</dt>
 *   <dd>who, and for how long
 *   <dt>inFlight</dt>
 *   <dd>runs that are kept in flight; with {@code scale} the model calls that the workers may have at a time
 *   <dt>replies, failed, runsPerSecond, ideal, ofIdeal</dt>
 *   <dd>what came; {@code ideal} is in runs a second, if nothing but the model took any time
 *   <dt>cpuMsPerRun, brokerCpuMsPerRun, modelCpuMsPerRun, driverCpuMsPerRun</dt>
 *   <dd>user and system time by reply, of the subject's processes, and of the others
 *   <dt>rssBytes, rssIdleBytes, rssBytesPerRun</dt>
 *   <dd>resident memory under load and after the warm-up, without load; the difference by the number in flight
 *   <dt>heapBytes, heapIdleBytes, heapBytesPerRun</dt>
 *   <dd>the same of the heap that is used after a collection
 *   <dt>firstTokenP50Ms, firstTokenP99Ms, replyP50Ms, replyP99Ms</dt>
 *   <dd>from the request's send; with {@code throughput} the first tokens are those of one partition
 *   <dt>addedFirstTokenP50Ms, addedFirstTokenP99Ms, addedReplyP50Ms, addedReplyP99Ms</dt>
 *   <dd>the same less the median of direct calls at the rate of {@code delay}
 * </dl>
 */
final class Row {
    static final String THROUGHPUT = "throughput";
    static final String DELAY = "delay";
    static final String SCALE = "scale";

    private final ObjectNode json = Json.object();

    Row(String kind, Subject subject, int inFlight, int workers, int partitions, int round) {
        json.put("kind", kind)
                .put("subject", subject.id())
                .put("inFlight", inFlight)
                .put("workers", workers)
                .put("partitions", partitions)
                .put("round", round);
    }

    void put(String key, double value) {
        if (!Double.isNaN(value)) {
            json.put(key, Math.round(value * 1_000) / 1_000.0);
        }
    }

    void put(String key, long value) {
        json.put(key, value);
    }

    /** NaN where there is none. */
    double get(String key) {
        return json.path(key).asDouble(Double.NaN);
    }

    boolean is(String kind, Subject subject) {
        return json.path("kind").asString().equals(kind)
                && json.path("subject").asString().equals(subject.id());
    }

    String subject() {
        return json.path("subject").asString();
    }

    String kind() {
        return json.path("kind").asString();
    }

    ObjectNode json() {
        return json;
    }
}
