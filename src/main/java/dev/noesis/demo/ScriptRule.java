package dev.noesis.demo;

import dev.noesis.model.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One rule of a script.
 *
 * @param times null for always
 * @param answer null for no text
 * @param fault null for none
 */
record ScriptRule(
        Condition condition,
        @Nullable Times times,
        Pace pace,
        @Nullable Template thinking,
        @Nullable Template answer,
        List<ToolCall> tools,
        @Nullable String stopReason,
        @Nullable Usage usage,
        @Nullable Fault fault) {

    ScriptRule {
        tools = List.copyOf(tools);
    }

    /** A call the model is to make; the input's texts are templates. */
    record ToolCall(String name, ObjectNode input) {}

    /** What a rule or the script's defaults say of the pace; null for nothing. */
    record Pace(
            @Nullable Duration headers,
            @Nullable Duration firstToken,
            @Nullable Double tokensPerSecond,
            @Nullable Integer chunk,
            @Nullable Duration pings) {

        static final Pace UNSAID = new Pace(null, null, null, null, null);

        /** This where it says something, else the other. */
        Pace or(Pace other) {
            return new Pace(
                    headers != null ? headers : other.headers,
                    firstToken != null ? firstToken : other.firstToken,
                    tokensPerSecond != null ? tokensPerSecond : other.tokensPerSecond,
                    chunk != null ? chunk : other.chunk,
                    pings != null ? pings : other.pings);
        }

        Reply.Pacing or(Reply.Pacing defaults) {
            return new Reply.Pacing(
                    headers != null ? headers : defaults.headers(),
                    firstToken != null ? firstToken : defaults.firstToken(),
                    tokensPerSecond != null ? tokensPerSecond : defaults.tokensPerSecond(),
                    chunk != null ? chunk : defaults.chunk(),
                    pings != null ? pings : defaults.pings());
        }
    }

    Responder responder(Reply.Pacing defaults) {
        Reply.Pacing pacing = pace.or(defaults);
        Answer always = isConstant() ? Answer.prepared(reply(pacing, Template.Values.NONE)) : null;
        return request -> {
            MatchResult match = condition.matches(request);
            if (match == null || (times != null && !times.take(request.userText()))) {
                return null;
            }
            return always != null
                    ? always
                    : Answer.of(
                            reply(pacing, new Template.Values(match, request.userText(), request.toolResultText())));
        };
    }

    private boolean isConstant() {
        return (thinking == null || thinking.isConstant())
                && (answer == null || answer.isConstant())
                && tools.isEmpty();
    }

    private Reply reply(Reply.Pacing pacing, Template.Values values) {
        List<Reply.Block> blocks = new ArrayList<>();
        if (thinking != null) {
            blocks.add(new Reply.Block.Thinking(thinking.fill(values)));
        }
        if (fault instanceof Fault.Huge huge) {
            blocks.add(new Reply.Block.Text(hugeText(huge.characters())));
        } else if (answer != null) {
            blocks.add(new Reply.Block.Text(answer.fill(values)));
        }
        for (ToolCall tool : tools) {
            blocks.add(new Reply.Block.Tool(tool.name(), Template.fill(tool.input(), values)));
        }
        return new Reply(pacing, blocks, stopReason, usage, fault);
    }

    private static String hugeText(int characters) {
        return "All work and no rest makes for a long answer. "
                .repeat(characters / 46 + 1)
                .substring(0, characters);
    }
}
