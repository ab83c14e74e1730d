package dev.noesis.tool;

import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Reads what a model gave as arguments, and says in words it can act on what is wrong with them. */
final class Arguments {
    private static final int MAX_WORD = 20;

    private Arguments() {}

    static String text(JsonNode arguments, String field, int maxLength) {
        JsonNode value = arguments.path(field);
        if (!value.isString() || value.asString().isBlank()) {
            throw new IllegalArgumentException(field + " is required, a text");
        }
        if (value.asString().length() > maxLength) {
            throw new IllegalArgumentException(field + " is longer than " + maxLength + " characters");
        }
        return value.asString();
    }

    static double number(JsonNode arguments, String field, double otherwise, double min, double max) {
        JsonNode value = arguments.path(field);
        return value.isMissingNode() || value.isNull() ? otherwise : number(arguments, field, min, max);
    }

    static double number(JsonNode arguments, String field, double min, double max) {
        JsonNode value = arguments.path(field);
        if (!value.isNumber() || value.asDouble() < min || value.asDouble() > max) {
            throw new IllegalArgumentException(field + " is a number from " + min + " to " + max);
        }
        return value.asDouble();
    }

    /**
     * @param words those that it may be, as the model is told them
     * @param of throws an IllegalArgumentException for any other
     */
    static <T> T oneOf(JsonNode arguments, String field, String words, Function<String, T> of) {
        String word = text(arguments, field, MAX_WORD);
        try {
            return of.apply(word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + " is " + words + ", not '" + word + "'", e);
        }
    }
}
