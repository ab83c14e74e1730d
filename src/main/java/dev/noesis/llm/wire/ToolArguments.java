package dev.noesis.llm.wire;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** The arguments of a tool call: they come as pieces of JSON that mean nothing alone, and are parsed once, when all are there. */
public final class ToolArguments {
    private static final String NONE = "{}";

    private final StringBuilder json = new StringBuilder();

    /** Adds a piece. */
    public void add(String piece) {
        json.append(piece);
    }

    /** What is wrong with them, behind "the arguments"; null where they are a JSON object, or nothing at all. */
    public @Nullable String defect() {
        if (isBlank()) {
            return null;
        }
        try (JsonParser parser = WireJson.FACTORY.createParser(ObjectReadContext.empty(), json.toString())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "are no JSON object";
            }
            parser.skipChildren();
            return parser.nextToken() == null ? null : "go on after their end";
        } catch (JacksonException e) {
            return "are malformed: " + Quote.of(e.getOriginalMessage());
        }
    }

    /** The object as it was written; an empty one where nothing was. */
    public String json() {
        return isBlank() ? NONE : json.toString();
    }

    private boolean isBlank() {
        for (int i = 0; i < json.length(); i++) {
            if (!Character.isWhitespace(json.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
