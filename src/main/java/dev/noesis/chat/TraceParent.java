package dev.noesis.chat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header {@code traceparent} as a client gave it: W3C Trace Context, section 3.2. One that breaks the rules is no
 * trace context; the request is taken without it.
 */
final class TraceParent {
    private static final Pattern FIELDS =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /** Longer ones can be of later versions only; they are not looked at. */
    private static final int MAX_BYTES = 512;

    private static final String KNOWN_VERSION = "00";
    private static final String NO_VERSION = "ff";
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_PARENT = "0".repeat(16);

    private TraceParent() {}

    /** The trace context in this release's version; null if the header has none. */
    static @Nullable String read(byte @Nullable [] header) {
        if (header == null || header.length > MAX_BYTES) {
            return null;
        }
        Matcher fields = FIELDS.matcher(new String(header, US_ASCII));
        if (!fields.matches()
                || fields.group(1).equals(NO_VERSION)
                || fields.group(2).equals(NO_TRACE)
                || fields.group(3).equals(NO_PARENT)
                || (fields.group(1).equals(KNOWN_VERSION) && fields.group(5) != null)) {
            return null;
        }
        return KNOWN_VERSION + "-" + fields.group(2) + "-" + fields.group(3) + "-" + fields.group(4);
    }
}
