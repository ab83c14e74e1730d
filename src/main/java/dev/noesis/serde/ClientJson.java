package dev.noesis.serde;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * Reads JSON that strangers wrote: one object in UTF-8, each name once, nothing behind it. What could be understood in two
 * ways is not read at all. A byte order mark in front is passed over (RFC 8259, section 8.1).
 *
 * <p><b>Threading.</b> Immutable.
 */
public final class ClientJson {
    /** Fractions and exponents are kept as they were written, so that a number too large for a double is no infinity. */
    private static final ObjectReader READER = Json.mapper()
            .readerFor(JsonNode.class)
            .with(
                    DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private ClientJson() {}

    /** It is no such object; the message says why. */
    public static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }

        /** Why. */
        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The value as an object.
     *
     * @throws UnreadableException if it is none
     */
    public static JsonNode object(byte @Nullable [] value) throws UnreadableException {
        if (value == null || value.length == 0) {
            throw new UnreadableException("the record has no value");
        }
        JsonNode tree;
        try {
            tree = READER.readTree(text(value));
        } catch (JacksonException e) {
            throw new UnreadableException("the value is not JSON: " + e.getOriginalMessage());
        }
        if (!tree.isObject()) {
            throw new UnreadableException("the value is not a JSON object");
        }
        return tree;
    }

    /**
     * Whether all names and texts in it are Unicode: half of a surrogate pair, which JSON can escape, cannot be written as
     * UTF-8 again.
     */
    public static boolean isUnicode(JsonNode node) {
        if (node.isString()) {
            return isUnicode(node.asString());
        }
        for (String name : node.propertyNames()) {
            if (!isUnicode(name)) {
                return false;
            }
        }
        for (JsonNode child : node.values()) {
            if (!isUnicode(child)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    private static String text(byte[] value) throws UnreadableException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new UnreadableException("the value is not UTF-8");
        }
    }
}
