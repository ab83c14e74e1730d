package dev.noesis.llm.wire;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads what we need of JSON in a single pass and without a tree. What has another shape than we know is as if it were absent. */
public final class JsonFields {
    private JsonFields() {}

    /** Takes a field of an object. */
    public interface Field {
        /** The parser stands on the value's first token; its children may be left unread. */
        void read(String name, JsonParser parser);
    }

    /** Takes an item of an array. */
    public interface Item {
        /** The parser stands on the item's first token; its children may be left unread. */
        void read(JsonParser parser);
    }

    /** Reads the object that the parser stands on, to its end; nothing where it stands on no object. */
    public static void each(JsonParser parser, Field field) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            field.read(name, parser);
            parser.skipChildren();
        }
    }

    /** Reads the array that the parser stands on, to its end; nothing where it stands on no array. */
    public static void eachItem(JsonParser parser, Item item) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            item.read(parser);
            parser.skipChildren();
        }
    }

    /** The string that the parser stands on; empty where it stands on none. */
    public static String string(JsonParser parser) {
        String value = stringOrNull(parser);
        return value == null ? "" : value;
    }

    /** The string that the parser stands on; null where it stands on none. */
    public static @Nullable String stringOrNull(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
    }

    /** The whole number that the parser stands on. */
    public static long number(JsonParser parser, long otherwise) {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : otherwise;
    }
}
