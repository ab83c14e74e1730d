package dev.noesis.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.ToolSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Writes a decision to the agent's memory, to be reviewed when it is known how it turned out. */
public final class RecordDecision implements Tool {
    private static final int MAX_TEXT = 1_000;
    private static final int MAX_CATEGORY = 50;

    /** Of its hash: 48 bits tell the few hundred decisions apart that an agent has. */
    private static final int ID_BYTES = 6;

    @Override
    public ToolSpec spec() {
        return new ToolSpec("record_decision", """
                Keep a decision in long-term memory, with its reasons and how sure you are of it. \
                Review it with review_decision once it is known how it turned out.""", """
                {"type":"object","properties":{\
                "what":{"type":"string","description":"what was decided, as one sentence"},\
                "why":{"type":"string","description":"the reasons, in a sentence or two"},\
                "confidence":{"type":"number","minimum":0,"maximum":1,\
                "description":"how probable it is that it turns out well"},\
                "stakes":{"type":"string","enum":["low","medium","high","critical"]},\
                "category":{"type":"string","description":"one word, the same for decisions of one kind"}},\
                "required":["what","why","confidence","stakes","category"]}""");
    }

    @Override
    public Result call(JsonNode arguments, Invocation invocation) {
        String id = id(invocation.idempotencyKey());
        MemoryWrite decision = new MemoryWrite.RecordDecision(
                id,
                Arguments.text(arguments, "what", MAX_TEXT),
                Arguments.text(arguments, "why", MAX_TEXT),
                Arguments.number(arguments, "confidence", 0, 1),
                Arguments.oneOf(arguments, "stakes", "low, medium, high or critical", Stakes::of),
                Arguments.text(arguments, "category", MAX_CATEGORY));
        return new Result("Recorded as decision " + id + ".", false, List.of(decision), false);
    }

    /** The same for every attempt of the call. */
    private static String id(String idempotencyKey) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(idempotencyKey.getBytes(UTF_8));
            return "d-" + HexFormat.of().formatHex(hash, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
