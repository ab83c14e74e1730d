package dev.noesis.llm;

import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** An answer as a server sent it: line ends of all kinds, a byte-order mark, comments, pings, a tool call, wide characters. */
public final class Recorded {
    /** What the answer comes to. */
    public static final LlmOutcome.Completed OUTCOME = new LlmOutcome.Completed(
            List.of(
                    new Content.Thinking("Größe ≠ Maß", "c2lnbmVk"),
                    new Content.Text("naïve € 🚀 日本 🌍\n"),
                    new Content.ToolUse("toolu_1", "recall", "{\"query\": \"Müller\", \"limit\": 3}")),
            "tool_use",
            new Usage(25, 42, 7, 3),
            "model-a");

    private Recorded() {}

    public static byte[] stream() {
        try (InputStream in = Recorded.class.getResourceAsStream("recorded.sse")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
