package dev.noesis.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the model server has done since it was started.
 *
 * <p><b>Threading.</b> Any thread; figures read one after the other may be of slightly different moments.
 */
public final class ModelServerStats {
    private final int recordLimit;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final LongAdder deltas = new LongAdder();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong connectionsOpened = new AtomicLong();
    private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
    private final Deque<RecordedCall> recorded = new ArrayDeque<>();

    ModelServerStats(int recordLimit) {
        this.recordLimit = recordLimit;
    }

    /** Requests to a model, refused ones included. */
    public long calls() {
        return calls.get();
    }

    /** Requests that are being answered, or hang. */
    public int inFlight() {
        return inFlight.get();
    }

    /** The largest number that was in flight at a time. */
    public int mostInFlight() {
        return mostInFlight.get();
    }

    /** Deltas that were streamed. */
    public long deltas() {
        return deltas.sum();
    }

    /** Connections that are open. */
    public int connections() {
        return connections.get();
    }

    /** Connections that were ever opened. */
    public long connectionsOpened() {
        return connectionsOpened.get();
    }

    /**
     * Ended requests by how they ended: {@code completed}, {@code client_closed}, {@code status_<n>} for every error
     * status, or the name of the fault that the script asked for.
     */
    public Map<String, Long> outcomes() {
        Map<String, Long> sums = new TreeMap<>();
        outcomes.forEach((name, count) -> sums.put(name, count.sum()));
        return sums;
    }

    /** How many requests ended so. */
    public long outcomes(String name) {
        LongAdder count = outcomes.get(name);
        return count == null ? 0 : count.sum();
    }

    /** The latest requests, oldest first; at most as many as the server's options say. */
    public List<RecordedCall> recorded() {
        synchronized (recorded) {
            return List.copyOf(recorded);
        }
    }

    /** All figures as one JSON object. */
    String json() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("calls", calls()).put("inFlight", inFlight()).put("mostInFlight", mostInFlight());
        json.put("deltas", deltas()).put("connections", connections()).put("connectionsOpened", connectionsOpened());
        ObjectNode byOutcome = json.putObject("outcomes");
        outcomes().forEach(byOutcome::put);
        return json.toString();
    }

    /** A request begins; its number, from 1. */
    long begin() {
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        return calls.incrementAndGet();
    }

    void end(String outcome) {
        outcomes.computeIfAbsent(outcome, name -> new LongAdder()).increment();
        inFlight.decrementAndGet();
    }

    void delta() {
        deltas.increment();
    }

    void connected() {
        connections.incrementAndGet();
        connectionsOpened.incrementAndGet();
    }

    void disconnected() {
        connections.decrementAndGet();
    }

    boolean records() {
        return recordLimit > 0;
    }

    void record(long number, Map<String, String> headers, JsonNode body) {
        synchronized (recorded) {
            if (recorded.size() == recordLimit) {
                recorded.removeFirst();
            }
            recorded.addLast(new RecordedCall(number, headers, body));
        }
    }
}
