package dev.noesis.tool;

import dev.noesis.mind.Memory.Decision;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.ToolSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Says how a decision turned out. */
public final class ReviewDecision implements Tool {
    private static final int MAX_ID = 200;
    private static final int MAX_TEXT = 1_000;

    /** Of the decisions that wait for their review, where the model names none of them. */
    private static final int SHOWN = 10;

    @Override
    public ToolSpec spec() {
        return new ToolSpec("review_decision", "Say how a decision that was recorded has turned out.", """
                {"type":"object","properties":{\
                "decision_id":{"type":"string","description":"as record_decision told it"},\
                "outcome":{"type":"string","enum":["success","partial","failure"]},\
                "text":{"type":"string","description":"what happened, and what is learned from it"}},\
                "required":["decision_id","outcome","text"]}""");
    }

    @Override
    public Set<View> views() {
        return Set.of(View.DECISIONS);
    }

    @Override
    public Result call(JsonNode arguments, Invocation invocation) {
        String id = Arguments.text(arguments, "decision_id", MAX_ID);
        Verdict verdict = Arguments.oneOf(arguments, "outcome", "success, partial or failure", Verdict::of);
        String text = Arguments.text(arguments, "text", MAX_TEXT);
        Decision decision = invocation.decisions().stream()
                .filter(known -> known.decisionId().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no decision '" + id + "'" + open(invocation.decisions())));
        return new Result(
                "Reviewed decision " + id + " (" + decision.what() + "): " + verdict.id() + ".",
                false,
                List.of(new MemoryWrite.ReviewDecision(id, verdict, text)),
                false);
    }

    private static String open(List<Decision> decisions) {
        String open = decisions.stream()
                .filter(decision -> decision.review() == null)
                .limit(SHOWN)
                .map(decision -> "\n- " + decision.decisionId() + ": " + decision.what())
                .collect(Collectors.joining());
        return open.isEmpty() ? ", and none waits for its review" : "; the newest that wait for their review:" + open;
    }
}
