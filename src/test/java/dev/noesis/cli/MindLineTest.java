package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class MindLineTest {
    @Test
    void anEventIsOneLineWithItsGist() {
        assertThat(line("""
                        {"type":"ToolCompleted","eventId":"e","at":1700000000123,"lane":"chat","runId":"3f1c9a52-aaaa","threadId":"t",
                         "body":{"callId":"c","result":{"isError":false,"text":"remembered\\n\\u001b[2Jtea"}}}
                        """))
                .isEqualTo("    42  2023-11-14 22:13:20.123  ToolCompleted    chat      3f1c9a52…  remembered  [2Jtea");
    }

    @Test
    void withoutATellingFieldTheBodyIsShownCutToALine() {
        assertThat(line("{\"type\":\"Barrier\",\"at\":0,\"lane\":\"chat\",\"body\":{\"incarnation\":\""
                        + "x".repeat(200) + "\"}}"))
                .startsWith(
                        "    42  1970-01-01 00:00:00.000  Barrier          chat      -          {\"incarnation\":\"xxx")
                .endsWith("x…");
    }

    @Test
    void aRecordThatIsNoEventIsStillALine() {
        assertThat(MindLine.of(1, 0, null, ZoneOffset.UTC)).contains("(unreadable)");
        assertThat(line("not json")).startsWith("    42  1970-01-01 00:00:01.000  (unreadable)");
        assertThat(line("[1]")).contains("(unreadable)");
        assertThat(line("{\"type\":\"New\",\"body\":null}")).contains("New");
    }

    private static String line(String json) {
        return MindLine.of(42, 1000, json.getBytes(StandardCharsets.UTF_8), ZoneOffset.UTC);
    }
}
