package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Hears the response to a request sent on a {@link Connection}; called on its event loop. {@link #complete}, {@link #lost} and
 * {@link #malformed} are the last.
 */
interface ResponseListener {
    /** Status and headers; comes once, informational responses are passed over. */
    void head(HttpResponse response);

    /**
     * The next piece of the body; it is released after the call.
     *
     * @throws TooLongFrameException if something in it is over its bound: the response is {@link #malformed} then
     */
    void body(ByteBuf content);

    /**
     * For now there is no more to read.
     *
     * @return whether an answer has begun and goes on, so that what comes next is a further piece of it
     */
    boolean readComplete();

    /** The response is complete, and the connection is given back or closed already. */
    void complete();

    /** The connection is closed before the response's end; {@code cause} is null where the server just closed it. */
    void lost(@Nullable Throwable cause);

    /** The response is no HTTP, or over a bound; the connection is closed. */
    void malformed(Throwable cause);

    /** A limit of time ran out; the connection is still open. */
    void timedOut(LlmFailure failure);
}
