package dev.noesis.llm.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class DeltaScannerTest {
    private static final List<String> USUAL = List.of(
            delta("0", "text_delta", "text", "Hello"),
            delta("12", "input_json_delta", "partial_json", "'"),
            delta("3", "thinking_delta", "thinking", "so … 天気 🌞"),
            delta("0", "text_delta", "text", "") + "   ",
            delta("0", "text_delta", "text", "padded").replace("}}", "}      }"));

    private final DeltaScanner scanner = new DeltaScanner();

    private static String delta(String index, String type, String field, String piece) {
        return """
                {"type":"content_block_delta","index":%s,"delta":{"type":"%s","%s":"%s"}}""".formatted(index, type, field, piece);
    }

    private boolean scanned(String json) {
        return scanner.read(json.getBytes(UTF_8));
    }

    private static String heard(EventReader event) {
        return event.index + "|" + event.type + "|"
                + switch (event.type) {
                    case "text_delta" -> event.text;
                    case "input_json_delta" -> event.partialJson;
                    case "thinking_delta" -> event.thinking;
                    default -> "";
                };
    }

    @Test
    void theUsualDeltasAreReadAsTheParserReadsThem() {
        for (String json : USUAL) {
            assertThat(scanned(json)).as(json).isTrue();
            assertThat(heard(scanner.event())).isEqualTo(heard(EventReader.read(json.getBytes(UTF_8))));
        }
    }

    @Test
    void whatDiffersIsLeftToTheParser() {
        assertThat(List.of(
                        "",
                        "{}",
                        delta("0", "text_delta", "text", "a\\nb"),
                        delta("0", "text_delta", "text", "a\tb"),
                        delta("0", "text_delta", "text", "\uFFFD"),
                        delta("0", "text_delta", "thinking", "a"),
                        delta("0", "signature_delta", "signature", "a"),
                        delta("", "text_delta", "text", "a"),
                        delta("01", "text_delta", "text", "a"),
                        delta("-1", "text_delta", "text", "a"),
                        delta("1.0", "text_delta", "text", "a"),
                        delta("99999999999", "text_delta", "text", "a"),
                        delta("0", "text_delta", "text", "a").replace("}}", "}"),
                        delta("0", "text_delta", "text", "a") + "}",
                        delta("0", "text_delta", "text", "a").replace("\"}}", ""),
                        delta("0", "text_delta", "text", "a").replace("}}", ",\"text\":\"b\"}}")))
                .noneMatch(this::scanned);
    }

    @Test
    void bytesThatAreNoUtf8AreLeftToTheParser() {
        byte[] json = delta("0", "text_delta", "text", "a?b").getBytes(UTF_8);
        json[json.length - 5] = (byte) 0xC3;

        assertThat(scanner.read(json)).isFalse();
    }

    @Test
    void noChangeOfAByteMakesItReadWhatTheParserDoesNot() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] json = USUAL.get(random.nextInt(USUAL.size())).getBytes(UTF_8);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                json[random.nextInt(json.length)] = (byte) random.nextInt(256);
            }
            if (scanner.read(json)) {
                read++;
                assertThat(heard(scanner.event()))
                        .as("seed %d, %s", seed, new String(json, UTF_8))
                        .isEqualTo(parsed(json));
            }
        }
        assertThat(read).isPositive();
    }

    private static String parsed(byte[] json) {
        try {
            return heard(EventReader.read(json));
        } catch (JacksonException e) {
            return "malformed: " + e.getOriginalMessage();
        }
    }
}
