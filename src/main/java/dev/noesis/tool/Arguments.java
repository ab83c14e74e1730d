package dev.noesis.tool;

import tools.jackson.databind.JsonNode;

/** Reads what a model gave as arguments, and says in words it can act on what is wrong with them. */
final class Arguments {
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
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || value.asDouble() < min || value.asDouble() > max) {
            throw new IllegalArgumentException(field + " is a number from " + min + " to " + max);
        }
        return value.asDouble();
    }
}
