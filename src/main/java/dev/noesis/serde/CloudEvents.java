package dev.noesis.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.HexFormat;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers of every record that Noesis writes: CloudEvents 1.0, Kafka protocol binding, binary content mode, with W3C
 * trace context.
 */
public final class CloudEvents {
    private static final byte[] VERSION = "1.0".getBytes(UTF_8);
    private static final byte[] JSON = "application/json".getBytes(UTF_8);

    private CloudEvents() {}

    /**
     * @param id unique among the source's events
     * @param type e.g. {@code dev.noesis.RUN_FINISHED}
     * @param source who wrote it, e.g. {@code noesis/chat}
     * @param subject the agent, or what else the event is about
     * @param atMs epoch milliseconds
     */
    public static Headers headers(
            String id, String type, String source, String subject, long atMs, String traceparent) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("ce_id", id.getBytes(UTF_8));
        headers.add("ce_specversion", VERSION);
        headers.add("ce_type", type.getBytes(UTF_8));
        headers.add("ce_source", source.getBytes(UTF_8));
        headers.add("ce_time", Instant.ofEpochMilli(atMs).toString().getBytes(UTF_8));
        headers.add("ce_subject", subject.getBytes(UTF_8));
        headers.add("content-type", JSON);
        headers.add("traceparent", traceparent.getBytes(UTF_8));
        return headers;
    }

    /**
     * A trace context for a run whose request brought none: the same run gives the same trace, unsampled. See W3C Trace
     * Context, section 3.2.
     */
    public static String traceparent(String agentId, String runId) {
        long high = mix(agentId.hashCode() * 0x9E3779B97F4A7C15L + runId.hashCode());
        long low = mix(high + runId.length());
        HexFormat hex = HexFormat.of();
        return "00-" + hex.toHexDigits(high | 1) + hex.toHexDigits(low) + "-" + hex.toHexDigits(mix(low) | 1) + "-00";
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
