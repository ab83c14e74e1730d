package dev.noesis.llm.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the body of one response into server-sent events, as the WHATWG's "Server-sent events" has it: lines end in {@code \n},
 * {@code \r\n} or {@code \r}; a first byte-order mark is dropped; lines that begin with a colon are comments; the data of
 * several lines is joined by {@code \n}; an empty line ends the event; one that has no data, or is not ended, never was.
 * {@code id} and {@code retry} serve to reconnect, which a POST cannot, and are passed over like unknown fields.
 *
 * <p>A line that lies in one buffer is read where it lies, and data of one line is copied once. A line that is spread over several is
 * gathered first, so characters may be cut anywhere. What is gathered is on the heap and bounded.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class SseParser {
    /** Most bytes of a line: room for an answer of 1 MiB in one piece, with half of its characters escaped. */
    static final int MAX_LINE_BYTES = 2 * 1024 * 1024;
    /** Most bytes of an event's data, whatever its number of lines. */
    static final int MAX_EVENT_BYTES = MAX_LINE_BYTES;

    private static final String DEFAULT_NAME = "message";
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);

    /** A gathering place that had to grow beyond this is not kept for the next line. */
    private static final int KEPT_BYTES = 16 * 1024;

    /** Hears the events of a stream, in their order. */
    interface Events {
        /**
         * The next event.
         *
         * @param name {@code message} where the stream named none
         * @param data UTF-8, as it was sent; the hearer's own
         */
        void event(String name, byte[] data);
    }

    private final Events events;
    private final int maxLineBytes;
    private final int maxEventBytes;
    private final EventNames names = new EventNames();

    /** The begun line, where it is spread over several buffers. */
    private ByteBuf line = Unpooled.EMPTY_BUFFER;

    private String name = DEFAULT_NAME;
    /** The event's first line of data; null before it came. */
    private byte @Nullable [] data;
    /** All its lines of data; null where there are not several. */
    private @Nullable ByteArrayOutputStream joined;

    private boolean afterCr;
    private boolean firstLine = true;

    SseParser(Events events) {
        this(events, MAX_LINE_BYTES, MAX_EVENT_BYTES);
    }

    /**
     * @param maxLineBytes most bytes of a line, its end not counted
     * @param maxEventBytes most bytes of an event's data
     */
    SseParser(Events events, int maxLineBytes, int maxEventBytes) {
        this.events = events;
        this.maxLineBytes = maxLineBytes;
        this.maxEventBytes = maxEventBytes;
    }

    /** Whether that response is a stream of events which can be read as it is. */
    static boolean reads(HttpResponse response) {
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

    /** Of a response without an error that it does not {@linkplain #reads read}: what it is. */
    static String whyNot(HttpResponse response) {
        String encoding = encoding(response);
        return "HTTP " + response.status().code() + " is no event stream, but "
                + response.headers().get(HttpHeaderNames.CONTENT_TYPE, "of no content type")
                + (encoding == null ? "" : ", compressed as " + encoding);
    }

    /**
     * Reads what the buffer holds; neither its indexes nor its reference count change.
     *
     * @throws TooLongFrameException if a line or an event is over its bound; the stream cannot be read on then
     */
    void read(ByteBuf in) {
        int from = in.readerIndex();
        int to = in.writerIndex();
        if (afterCr && from < to) {
            afterCr = false;
            from += in.getByte(from) == '\n' ? 1 : 0;
        }
        // where the next of each is, or the buffer's end: nearly no server sends any \r, so that is looked for once
        int lf = from - 1;
        int cr = from - 1;
        while (from < to) {
            lf = lf < from ? indexOf('\n', in, from, to) : lf;
            cr = cr < from ? indexOf('\r', in, from, to) : cr;
            int end = Math.min(lf, cr);
            if (end == to) {
                gather(in, from, to);
                return;
            }
            if (line.isReadable()) {
                gather(in, from, end);
                line(line, line.readerIndex(), line.writerIndex());
                line = line.capacity() > KEPT_BYTES ? Unpooled.EMPTY_BUFFER : line.clear();
            } else {
                checkLine(end - from);
                line(in, from, end);
            }
            from = end + 1;
            if (end == cr) {
                if (from == to) {
                    afterCr = true; // the line feed that belongs to it may be the next buffer's first byte
                } else if (in.getByte(from) == '\n') {
                    from++;
                }
            }
        }
    }

    private static int indexOf(char end, ByteBuf in, int from, int to) {
        int at = in.indexOf(from, to, (byte) end);
        return at < 0 ? to : at;
    }

    private void gather(ByteBuf in, int from, int to) {
        int bytes = to - from;
        checkLine(line.readableBytes() + bytes);
        if (line.capacity() == 0) {
            line = Unpooled.buffer(bytes);
        }
        line.writeBytes(in, from, bytes);
    }

    private void checkLine(int bytes) {
        if (bytes > maxLineBytes) {
            throw new TooLongFrameException("a line of the stream is longer than " + maxLineBytes + " bytes");
        }
    }

    private void line(ByteBuf in, int start, int end) {
        int from = start;
        if (firstLine) {
            firstLine = false;
            from += startsWithByteOrderMark(in, start, end) ? 3 : 0;
        }
        if (from == end) {
            dispatch();
        } else if (names(DATA, in, from, end)) {
            data(in, value(in, from + DATA.length, end), end);
        } else if (names(EVENT, in, from, end)) {
            int value = value(in, from + EVENT.length, end);
            name = value == end ? DEFAULT_NAME : names.of(in, value, end);
        }
    }

    private static boolean startsWithByteOrderMark(ByteBuf in, int from, int end) {
        return end - from >= 3 && in.getUnsignedMedium(from) == 0xEFBBBF;
    }

    /** Whether a line is of that field: its name, and then a colon or nothing. */
    private static boolean names(byte[] field, ByteBuf in, int from, int end) {
        int length = end - from;
        if (length < field.length || (length > field.length && in.getByte(from + field.length) != ':')) {
            return false;
        }
        for (int i = 0; i < field.length; i++) {
            if (in.getByte(from + i) != field[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where a field's value begins: behind the colon, and behind one space. */
    private static int value(ByteBuf in, int nameEnd, int end) {
        int from = Math.min(nameEnd + 1, end);
        return from < end && in.getByte(from) == ' ' ? from + 1 : from;
    }

    private void data(ByteBuf in, int from, int end) {
        int bytes = end - from;
        if (data == null) {
            checkEvent(bytes);
            data = ByteBufUtil.getBytes(in, from, bytes);
            return;
        }
        if (joined == null) {
            joined = new ByteArrayOutputStream();
            joined.writeBytes(data);
        }
        checkEvent(joined.size() + 1 + bytes);
        joined.write('\n');
        joined.writeBytes(ByteBufUtil.getBytes(in, from, bytes));
    }

    private void checkEvent(int bytes) {
        if (bytes > maxEventBytes) {
            throw new TooLongFrameException("an event of the stream is longer than " + maxEventBytes + " bytes");
        }
    }

    private void dispatch() {
        String ended = name;
        byte[] whole = joined == null ? data : joined.toByteArray();
        name = DEFAULT_NAME;
        data = null;
        joined = null;
        if (whole != null) {
            events.event(ended, whole);
        }
    }

    /** A stream has few names, and each many times: they are made into strings once. */
    private static final class EventNames {
        private static final int MOST = 16;

        private final String[] known = new String[MOST];
        private int count;

        String of(ByteBuf in, int from, int end) {
            for (int i = 0; i < count; i++) {
                if (equal(known[i], in, from, end)) {
                    return known[i];
                }
            }
            String name = in.toString(from, end - from, StandardCharsets.UTF_8);
            // only what is plain ASCII can be compared byte by byte
            if (count < MOST && name.length() == end - from) {
                known[count++] = name;
            }
            return name;
        }

        private static boolean equal(String name, ByteBuf in, int from, int end) {
            if (name.length() != end - from) {
                return false;
            }
            for (int i = 0; i < name.length(); i++) {
                if (name.charAt(i) != in.getByte(from + i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
