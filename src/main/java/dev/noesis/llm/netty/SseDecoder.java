package dev.noesis.llm.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Turns the content of an event-stream response into {@link SseEvent}s. The content of any other response passes unchanged,
 * and so do the response's head and its end.
 */
final class SseDecoder extends ChannelInboundHandlerAdapter {
    /** Most bytes of a line: room for an answer of 1 MiB in one piece, with half of its characters escaped. */
    static final int MAX_LINE_BYTES = 2 * 1024 * 1024;
    /** Most bytes of an event's data, whatever its number of lines. */
    static final int MAX_EVENT_BYTES = MAX_LINE_BYTES;

    private final SseParser parser;
    private boolean decoding;

    SseDecoder() {
        this(MAX_LINE_BYTES, MAX_EVENT_BYTES);
    }

    SseDecoder(int maxLineBytes, int maxEventBytes) {
        parser = new SseParser(maxLineBytes, maxEventBytes);
    }

    /** Whether that response is a stream of events which we can read as it is. */
    static boolean isEventStream(HttpResponse response) {
        CharSequence type = HttpUtil.getMimeType(response);
        return response.status().equals(HttpResponseStatus.OK)
                && type != null
                && AsciiString.contentEqualsIgnoreCase(AsciiString.trim(type), HttpHeaderValues.TEXT_EVENT_STREAM)
                && encoding(response) == null;
    }

    /** How the content is compressed; null where it is not. */
    private static @Nullable String encoding(HttpResponse response) {
        String encoding = response.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        return encoding == null || HttpHeaderValues.IDENTITY.contentEqualsIgnoreCase(encoding) ? null : encoding;
    }

    /** Of a response without an error that is no {@link #isEventStream}: what it is. */
    static String whyNoEventStream(HttpResponse response) {
        String encoding = encoding(response);
        return "HTTP " + response.status().code() + " is no event stream, but "
                + response.headers().get(HttpHeaderNames.CONTENT_TYPE, "of no content type")
                + (encoding == null ? "" : ", compressed as " + encoding);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            decoding = isEventStream(response);
            parser.reset();
        }
        if (!decoding || !(message instanceof HttpContent content)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            parser.read(content.content(), ctx::fireChannelRead);
        } finally {
            content.release();
        }
        if (content instanceof LastHttpContent last) {
            decoding = false;
            ctx.fireChannelRead(last.decoderResult().isFailure() ? failed(last) : LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private static LastHttpContent failed(LastHttpContent last) {
        LastHttpContent end = new DefaultLastHttpContent();
        end.setDecoderResult(last.decoderResult());
        return end;
    }
}
