package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.WireFormat;
import dev.noesis.model.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * How far a call has come; {@link Exchange} has the diagram.
 *
 * <p><b>Threading.</b> Like the exchange that it belongs to.
 */
sealed interface CallState {
    /** The connection that serves the call; null while, or since, there is none. */
    default @Nullable Connection connection() {
        return null;
    }

    /** What is known to be charged so far. */
    default Usage usage() {
        return Usage.NONE;
    }

    /** Whether some of the answer was heard. */
    default boolean partial() {
        return false;
    }

    /** For a connection: an idle one, or the right to open one. */
    record Waiting() implements CallState {}

    /** The host is looked up, connected to, and TLS agreed on. */
    record Connecting(Connector.Attempt attempt) implements CallState {}

    /** The request is on its way, or was sent; nothing but informational responses came yet. */
    record Asking(Connection connection) implements CallState {}

    /** The model answers: what comes is cut into events, which the answer is read from. */
    record Streaming(Connection connection, SseParser events, AnswerStream stream) implements CallState {
        @Override
        public Usage usage() {
            return stream.usage();
        }

        @Override
        public boolean partial() {
            return stream.partial();
        }
    }

    /**
     * The server answered with an error, whose body is being read.
     *
     * @param sinceMs the moment of the answer, in milliseconds since the epoch
     */
    record Refused(Connection connection, int status, HttpHeaders headers, ByteArrayOutputStream body, long sinceMs)
            implements CallState {
        /** Most bytes of an error's body that are read. */
        private static final int MAX_BYTES = 64 * 1024;

        /** Takes more of the body; false when it has as much as is read of one. */
        boolean read(ByteBuf content) {
            byte[] bytes = new byte[Math.min(MAX_BYTES - body.size(), content.readableBytes())];
            content.readBytes(bytes);
            body.writeBytes(bytes);
            return !content.isReadable();
        }

        /** What is known of the error by now. */
        LlmFailure failure(WireFormat format) {
            return format.error(status, headers::get, body.toByteArray(), sinceMs);
        }
    }

    /** The listener heard the outcome. */
    record Ended() implements CallState {}
}
