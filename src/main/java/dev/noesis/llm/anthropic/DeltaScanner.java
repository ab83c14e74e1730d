package dev.noesis.llm.anthropic;

import java.nio.charset.StandardCharsets;

/**
 * Reads a {@code content_block_delta} in the very shape in which it always comes, byte by byte and without a parser:
 *
 * <pre>{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}</pre>
 *
 * <p>Nearly all of a stream's events are of this shape, and setting up a parser for each costs more memory than all else that
 * is done for it. Whatever differs in the least, an escape within the text included, is left to {@link EventReader}: this class
 * never decides that an event is malformed, and gives nothing that the parser would not give.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class DeltaScanner {
    private static final String HEAD = "{\"type\":\"content_block_delta\",\"index\":";
    private static final String DELTA = ",\"delta\":{\"type\":\"";
    private static final int MAX_INDEX_DIGITS = 6;
    private static final char MALFORMED = '\uFFFD';

    /** The deltas that have one string besides their type. */
    private enum Kind {
        TEXT("text_delta", "text"),
        TOOL_INPUT("input_json_delta", "partial_json"),
        THINKING("thinking_delta", "thinking");

        private final String type;
        private final String middle;

        Kind(String type, String field) {
            this.type = type;
            this.middle = type + "\",\"" + field + "\":\"";
        }
    }

    private static final Kind[] KINDS = Kind.values();

    /** What was read last, the same object each time. */
    private final EventReader event = EventReader.empty();

    /** Reads the event; false if it is not of that shape. */
    boolean read(byte[] json) {
        if (!startsWith(HEAD, json, 0)) {
            return false;
        }
        int at = HEAD.length();
        int index = 0;
        while (at < json.length && json[at] >= '0' && json[at] <= '9') {
            index = index * 10 + json[at++] - '0';
            if (at - HEAD.length() > MAX_INDEX_DIGITS) {
                return false;
            }
        }
        int digits = at - HEAD.length();
        boolean leadingZero = digits > 1 && json[HEAD.length()] == '0';
        if (digits == 0 || leadingZero || !startsWith(DELTA, json, at)) {
            return false;
        }
        at += DELTA.length();
        for (Kind kind : KINDS) {
            if (startsWith(kind.middle, json, at)) {
                event.index = index;
                return piece(kind, json, at + kind.middle.length());
            }
        }
        return false;
    }

    /** The event that was read; valid until the next is. */
    EventReader event() {
        return event;
    }

    private boolean piece(Kind kind, byte[] json, int from) {
        int end = from;
        boolean plain = true;
        while (end < json.length && json[end] != '"') {
            byte b = json[end++];
            if (b == '\\' || (b >= 0 && b < ' ')) {
                return false;
            }
            plain &= b >= 0;
        }
        if (!closes(json, end + 1)) {
            return false;
        }
        String piece = new String(json, from, end - from, plain ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        if (!plain && piece.indexOf(MALFORMED) >= 0) {
            return false; // either that very character, or bytes that are no UTF-8
        }
        event.type = kind.type;
        switch (kind) {
            case TEXT -> event.text = piece;
            case TOOL_INPUT -> event.partialJson = piece;
            case THINKING -> event.thinking = piece;
        }
        return true;
    }

    /** Whether two braces follow, and besides them only blanks, by which the provider hides how long a piece is. */
    private static boolean closes(byte[] json, int from) {
        int braces = 0;
        for (int i = from; i < json.length; i++) {
            if (json[i] == '}') {
                braces++;
            } else if (json[i] != ' ') {
                return false;
            }
        }
        return braces == 2;
    }

    private static boolean startsWith(String part, byte[] json, int at) {
        if (json.length - at < part.length()) {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (json[at + i] != part.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
