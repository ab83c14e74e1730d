package dev.noesis.tool;

import dev.noesis.model.MemoryWrite;
import dev.noesis.model.ToolSpec;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Writes a fact to the agent's memory, where all its threads find it. */
public final class LearnFact implements Tool {
    private static final int MAX_LENGTH = 2_000;

    @Override
    public ToolSpec spec() {
        return new ToolSpec("learn_fact", "Keep a fact in long-term memory, for all later conversations.", """
                {"type":"object","properties":{\
                "subject":{"type":"string","description":"what the fact is about, in a few words"},\
                "statement":{"type":"string","description":"the fact, as one sentence"},\
                "confidence":{"type":"number","minimum":0,"maximum":1}},\
                "required":["subject","statement"]}""");
    }

    @Override
    public Result call(JsonNode arguments, Invocation invocation) {
        String subject = Arguments.text(arguments, "subject", MAX_LENGTH);
        String statement = Arguments.text(arguments, "statement", MAX_LENGTH);
        double confidence = Arguments.number(arguments, "confidence", 0.8, 0, 1);
        return new Result(
                "Remembered: " + subject + ": " + statement,
                false,
                List.of(new MemoryWrite.LearnFact(subject, statement, confidence)),
                false);
    }
}
