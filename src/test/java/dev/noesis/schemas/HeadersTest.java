package dev.noesis.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class HeadersTest {
    private static final Schemas CLOSED = Schemas.closed();
    private static final String OUTPUT = "headers.json#/$defs/output";

    @Test
    void whatIsWrittenHasTheHeadersOfTheSchemaAndNoOthers() {
        assertThat(CLOSED.problems(OUTPUT, tree(headers()))).isEmpty();
    }

    @Test
    void aHeaderThatIsMissingIsFound() {
        Headers headers = headers();
        headers.remove("ce_type");

        assertThat(CLOSED.problems(OUTPUT, tree(headers))).isNotEmpty();
    }

    @Test
    void aHeaderThatIsNotDescribedIsFound() {
        Headers headers = headers().add("ce_colour", "red".getBytes(UTF_8));

        assertThat(CLOSED.problems(OUTPUT, tree(headers))).isNotEmpty();
    }

    private static Headers headers() {
        return CloudEvents.headers(
                "r1",
                "dev.noesis.RUN_FINISHED",
                "noesis/chat",
                "ada",
                1_795_339_800_270L,
                CloudEvents.traceparent("ada", "r1"));
    }

    private static ObjectNode tree(Headers headers) {
        ObjectNode tree = Json.object();
        for (Header header : headers) {
            tree.put(header.key(), new String(header.value(), UTF_8));
        }
        return tree;
    }
}
