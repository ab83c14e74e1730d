package dev.noesis.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

    @ParameterizedTest
    @CsvSource({
        "00-" + TRACE + "-01, 00-" + TRACE + "-01",
        "00-" + TRACE + "-00, 00-" + TRACE + "-00",
        // of a later version what this one knows counts
        "01-" + TRACE + "-01, 00-" + TRACE + "-01",
        "cc-" + TRACE + "-01-what-comes-later, 00-" + TRACE + "-01",
    })
    void aTraceContextIsReadInTheVersionThatIsKnown(String given, String read) {
        assertThat(TraceParent.read(given.getBytes(UTF_8))).isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-1-2-00",
                "ff-" + TRACE + "-01",
                "00-" + TRACE + "-01-more",
                "01-" + TRACE + "-01more",
                "00-" + TRACE + "-0",
                "00-" + TRACE + "-01\n",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473ü-00f067aa0ba902b7-01",
            })
    void whatBreaksTheRulesIsNoTraceContext(String given) {
        assertThat(TraceParent.read(given.getBytes(UTF_8))).isNull();
    }

    @Test
    void whatIsMissingOrHugeIsNoTraceContext() {
        assertThat(TraceParent.read(null)).isNull();
        assertThat(TraceParent.read(("cc-" + TRACE + "-01-" + "x".repeat(1 << 20)).getBytes(UTF_8)))
                .isNull();
    }
}
