package dev.noesis.demo;

import org.jspecify.annotations.Nullable;

/**
 * A way for an answer to go wrong. {@code after} counts the events of a stream that are still sent whole; null stands
 * for half of them. An answer that is not streamed has no events: half of its body is sent.
 */
sealed interface Fault {
    /** What statistics call it; also its key in a script. */
    String name();

    /** The request is read, and nothing is ever answered. */
    record HangBeforeHeaders() implements Fault {
        @Override
        public String name() {
            return "hang_before_headers";
        }
    }

    /** The stream falls silent but for pings, where the reply has any. */
    record HangMidStream(@Nullable Integer after) implements Fault {
        @Override
        public String name() {
            return "hang_mid_stream";
        }
    }

    /** The connection is reset; {@code after} null here means before the headers. */
    record Reset(@Nullable Integer after) implements Fault {
        @Override
        public String name() {
            return "reset";
        }
    }

    /**
     * The stream ends without its terminal event.
     *
     * @param clean whether the HTTP body is ended as it should be; else the connection closes in its midst
     */
    record Cut(@Nullable Integer after, boolean clean) implements Fault {
        @Override
        public String name() {
            return "cut";
        }
    }

    /** An {@code error} event in the stream, which ends with it. */
    record StreamError(@Nullable Integer after, ApiError error) implements Fault {
        @Override
        public String name() {
            return "stream_error";
        }
    }

    /** An error status instead of an answer. */
    record Status(ApiError error) implements Fault {
        @Override
        public String name() {
            return "status";
        }
    }

    /** An event whose data are {@code data}, no JSON of the protocol; the answer goes on behind it. */
    record MalformedEvent(@Nullable Integer after, String data) implements Fault {
        @Override
        public String name() {
            return "malformed_event";
        }
    }

    /** Each byte of a character that takes several goes in an HTTP chunk and a TCP write of its own. */
    record SplitCharacters() implements Fault {
        @Override
        public String name() {
            return "split_characters";
        }
    }

    /** The text is {@code characters} long, whatever the rule says. */
    record Huge(int characters) implements Fault {
        @Override
        public String name() {
            return "huge";
        }
    }
}
