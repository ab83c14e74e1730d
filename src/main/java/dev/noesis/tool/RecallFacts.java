package dev.noesis.tool;

import dev.noesis.mind.Memory.Fact;
import dev.noesis.mind.Recall;
import dev.noesis.model.ToolSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Looks facts up in the agent's memory by their words. */
public final class RecallFacts implements Tool {
    private static final int SHOWN = 10;

    @Override
    public ToolSpec spec() {
        return new ToolSpec("recall", "Look up what long-term memory holds about something.", """
                {"type":"object","properties":{\
                "query":{"type":"string","description":"what to look for, in a few words"}},\
                "required":["query"]}""");
    }

    @Override
    public Set<View> views() {
        return Set.of(View.FACTS);
    }

    @Override
    public Result call(JsonNode arguments, Invocation invocation) {
        List<Fact> found = Recall.best(invocation.facts(), Arguments.text(arguments, "query", 2_000), SHOWN);
        return Result.of(
                found.isEmpty()
                        ? "Nothing is known about that."
                        : found.stream().map(Recall::line).collect(Collectors.joining("\n")));
    }
}
