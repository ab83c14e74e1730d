package dev.noesis.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

class CloudEventsTest {
    @Test
    void headersAreThoseOfTheBinaryMode() {
        Headers headers = CloudEvents.headers("id", "type", "source", "subject", 0, "00-1-2-00");

        assertThat(headers)
                .extracting(header -> header.key() + "=" + new String(header.value(), UTF_8))
                .containsExactly(
                        "ce_id=id",
                        "ce_specversion=1.0",
                        "ce_type=type",
                        "ce_source=source",
                        "ce_time=1970-01-01T00:00:00Z",
                        "ce_subject=subject",
                        "content-type=application/json",
                        "traceparent=00-1-2-00");
    }

    @Test
    void aRunsTraceIsAlwaysTheSameAndNoOthers() {
        Set<String> traces = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            traces.add(CloudEvents.traceparent("agent" + i % 100, "run" + i / 100));
        }

        assertThat(traces).hasSize(10_000).allMatch(trace -> trace.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
        assertThat(CloudEvents.traceparent("ada", "r1")).isEqualTo(CloudEvents.traceparent("ada", "r1"));
    }
}
