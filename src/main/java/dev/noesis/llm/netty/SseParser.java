package dev.noesis.llm.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Cuts a stream of bytes into events, as the WHATWG's "Server-sent events" has it: lines end in {@code \n}, {@code \r\n} or
 * {@code \r}; a first byte-order mark is dropped; lines that begin with a colon are comments; the data of several lines is
 * joined by {@code \n}; an empty line ends the event; one that has no data, or is not ended, never was. {@code id} and
 * {@code retry} serve to reconnect, which a POST cannot, and are passed over like unknown fields.
 *
 * <p>A line that lies in one buffer is read where it lies, and only its data is copied. A line that is spread over several
 * is gathered first, so characters may be cut anywhere. Both gathering places are on the heap and are bounded.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class SseParser {
    private static final String DEFAULT_NAME = "message";
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);

    private static final int INITIAL_BYTES = 256;
    /** A gathering place that had to grow beyond this is not kept for the next event. */
    private static final int KEPT_BYTES = 16 * 1024;

    private final int maxLineBytes;
    private final int maxEventBytes;
    private final EventNames names = new EventNames();

    private ByteBuf line = Unpooled.buffer(INITIAL_BYTES);
    private ByteBuf data = Unpooled.buffer(INITIAL_BYTES);
    private String name = DEFAULT_NAME;
    private boolean hasData;
    private boolean afterCr;
    private boolean firstLine = true;

    /**
     * @param maxLineBytes most bytes of a line, its end not counted
     * @param maxEventBytes most bytes of an event's data
     */
    SseParser(int maxLineBytes, int maxEventBytes) {
        this.maxLineBytes = maxLineBytes;
        this.maxEventBytes = maxEventBytes;
    }

    /** Forgets what was begun: the next byte is the first of another stream. */
    void reset() {
        line = emptied(line);
        endEvent();
        afterCr = false;
        firstLine = true;
    }

    /**
     * Reads what the buffer holds; neither its indexes nor its reference count change.
     *
     * @throws TooLongFrameException if a line or an event is over its bound; the stream cannot be read on then
     */
    void read(ByteBuf in, Consumer<SseEvent> events) {
        int from = in.readerIndex();
        int to = in.writerIndex();
        if (afterCr && from < to) {
            afterCr = false;
            from += in.getByte(from) == '\n' ? 1 : 0;
        }
        while (from < to) {
            int end = in.forEachByte(from, to - from, ByteProcessor.FIND_CRLF);
            if (end < 0) {
                gather(in, from, to);
                return;
            }
            if (line.isReadable()) {
                gather(in, from, end);
                line(line, line.readerIndex(), line.writerIndex(), events);
                line = emptied(line);
            } else {
                checkLine(end - from);
                line(in, from, end, events);
            }
            from = end + 1;
            if (in.getByte(end) == '\r') {
                if (from == to) {
                    afterCr = true; // the line feed that belongs to it may be the next buffer's first byte
                } else if (in.getByte(from) == '\n') {
                    from++;
                }
            }
        }
    }

    private void gather(ByteBuf in, int from, int to) {
        checkLine(line.readableBytes() + (to - from));
        line.writeBytes(in, from, to - from);
    }

    private void checkLine(int bytes) {
        if (bytes > maxLineBytes) {
            throw new TooLongFrameException("a line of the stream is longer than " + maxLineBytes + " bytes");
        }
    }

    private void line(ByteBuf in, int start, int end, Consumer<SseEvent> events) {
        int from = start;
        if (firstLine) {
            firstLine = false;
            from += startsWithByteOrderMark(in, start, end) ? 3 : 0;
        }
        if (from == end) {
            dispatch(events);
            return;
        }
        int colon = in.indexOf(from, end, (byte) ':');
        int nameEnd = colon < 0 ? end : colon;
        int value = colon < 0 ? end : colon + 1;
        if (value < end && in.getByte(value) == ' ') {
            value++;
        }
        if (is(DATA, in, from, nameEnd)) {
            data(in, value, end);
        } else if (is(EVENT, in, from, nameEnd)) {
            name = value == end ? DEFAULT_NAME : names.of(in, value, end);
        }
    }

    private static boolean startsWithByteOrderMark(ByteBuf in, int from, int end) {
        return end - from >= 3 && in.getUnsignedMedium(from) == 0xEFBBBF;
    }

    private static boolean is(byte[] field, ByteBuf in, int from, int end) {
        if (end - from != field.length) {
            return false;
        }
        for (int i = 0; i < field.length; i++) {
            if (in.getByte(from + i) != field[i]) {
                return false;
            }
        }
        return true;
    }

    private void data(ByteBuf in, int from, int end) {
        if (data.readableBytes() + 1 + (end - from) > maxEventBytes) {
            throw new TooLongFrameException("an event of the stream is longer than " + maxEventBytes + " bytes");
        }
        if (hasData) {
            data.writeByte('\n');
        }
        hasData = true;
        data.writeBytes(in, from, end - from);
    }

    private void dispatch(Consumer<SseEvent> events) {
        SseEvent event = hasData ? new SseEvent(name, ByteBufUtil.getBytes(data)) : null;
        endEvent();
        if (event != null) {
            events.accept(event);
        }
    }

    private void endEvent() {
        name = DEFAULT_NAME;
        hasData = false;
        data = emptied(data);
    }

    private static ByteBuf emptied(ByteBuf gathered) {
        if (gathered.capacity() <= KEPT_BYTES) {
            return gathered.clear();
        }
        gathered.release();
        return Unpooled.buffer(INITIAL_BYTES);
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
