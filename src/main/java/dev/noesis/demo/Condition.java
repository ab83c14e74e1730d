package dev.noesis.demo;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a rule fits. Null conditions hold always; texts are compared without regard to case.
 *
 * @param toolResult null where the request must end in the user's words, unless {@code everything}
 * @param everything a rule without a match: fits every request
 */
record Condition(
        @Nullable String contains,
        @Nullable Pattern regex,
        @Nullable String system,
        @Nullable String model,
        @Nullable String toolResult,
        boolean everything) {

    static final Condition EVERYTHING = new Condition(null, null, null, null, null, true);
    private static final Pattern ANYTHING = Pattern.compile("(?s).*");

    /**
     * What the regular expression matched, or where there is none all of the user's words; null where the rule does not
     * fit.
     */
    @Nullable
    MatchResult matches(ModelRequest request) {
        if (!everything && (toolResult == null) != request.toolResults().isEmpty()) {
            return null;
        }
        boolean holds = within(contains, request.userText())
                && within(system, request.system())
                && within(model, request.model())
                && (toolResult == null || within(toolResult, request.toolResultText()));
        if (!holds) {
            return null;
        }
        Matcher matcher = (regex == null ? ANYTHING : regex).matcher(request.userText());
        return matcher.find() ? matcher : null;
    }

    private static boolean within(@Nullable String part, String text) {
        return part == null || text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }
}
