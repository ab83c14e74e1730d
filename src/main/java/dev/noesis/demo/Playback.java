package dev.noesis.demo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sends one planned answer over one connection, at its pace, by timers of the connection's event loop.
 *
 * <p>A delta's time is counted from the first one's, so a stream that falls behind catches up and the rate holds on the
 * average. A client that does not read stops the stream; it goes on from {@link #writable()}.
 *
 * <p><b>Threading.</b> The connection's event loop only.
 */
final class Playback implements Runnable {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** What was written before a reset should reach the client before it. */
    private static final Duration BEFORE_RESET = Duration.ofMillis(20);
    /** Between pieces that shall not be read together. */
    private static final Duration BETWEEN_PIECES = Duration.ofMillis(1);

    private final ChannelHandlerContext out;
    private final Channel channel;
    private final Plan plan;
    private final byte[] head;
    private final boolean chunked;
    private final boolean keepAlive;
    private final Reply.Pacing pacing;
    private final Frame ping;
    private final long interval;
    private final Runnable onEnd;
    private final ModelServerStats stats;

    private int next;
    private long paced;
    private long firstDue;
    private boolean stopped;
    private boolean waitsForReader;

    /**
     * @param out writes bytes as they are, past any HTTP encoder
     * @param head the response's status line and headers
     * @param chunked whether the frames are sent as chunks; else the head told their length
     * @param onEnd called once all is written, but not if the client is lost before
     */
    Playback(
            ChannelHandlerContext out,
            Plan plan,
            byte[] head,
            boolean chunked,
            boolean keepAlive,
            Reply.Pacing pacing,
            Frame ping,
            ModelServerStats stats,
            Runnable onEnd) {
        this.out = out;
        this.channel = out.channel();
        this.plan = plan;
        this.head = head;
        this.chunked = chunked;
        this.keepAlive = keepAlive;
        this.pacing = pacing;
        this.ping = ping;
        this.interval = pacing.tokensPerSecond() > 0 ? (long) (1e9 / pacing.tokensPerSecond()) : 0;
        this.stats = stats;
        this.onEnd = onEnd;
    }

    /** Sends the head after the pacing's wait, and then the rest. */
    void start() {
        if (pacing.headers().isZero()) {
            begin();
        } else {
            later(this::begin, pacing.headers().toNanos());
        }
    }

    /** Sends no more; for when the client is gone. */
    void stop() {
        stopped = true;
    }

    /** The client has read; goes on if that was waited for. */
    void writable() {
        if (waitsForReader) {
            waitsForReader = false;
            run();
        }
    }

    private void begin() {
        if (stopped) {
            return;
        }
        if (!plan.head()) {
            finish();
            return;
        }
        out.write(channel.alloc().buffer(head.length).writeBytes(head), out.voidPromise());
        firstDue = System.nanoTime() + pacing.firstToken().toNanos();
        Duration pings = pacing.pings();
        if (pings != null && chunked) {
            later(() -> ping(pings), pings.toNanos());
        }
        run();
    }

    @Override
    public void run() {
        while (!stopped && next < plan.frames().size()) {
            if (!channel.isWritable()) {
                waitsForReader = true;
                out.flush();
                return;
            }
            Frame frame = plan.frames().get(next);
            if (frame.paced()) {
                long wait = firstDue + paced * interval - System.nanoTime();
                if (wait > 0) {
                    out.flush();
                    later(this, wait);
                    return;
                }
                paced++;
                stats.delta();
            }
            next++;
            write(frame);
            if (frame.alone()) {
                out.flush();
                later(this, BETWEEN_PIECES.toNanos());
                return;
            }
        }
        if (!stopped) {
            finish();
        }
    }

    private void finish() {
        switch (plan.ending()) {
            case COMPLETE -> complete(keepAlive);
            case END_AND_CLOSE -> complete(false);
            case CLOSE -> {
                stop();
                onEnd.run();
                out.writeAndFlush(channel.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
            }
            case RESET -> {
                out.flush();
                later(this::reset, plan.head() ? BEFORE_RESET.toNanos() : 0);
            }
            case SILENCE -> out.flush();
        }
    }

    private void complete(boolean keep) {
        stop();
        onEnd.run();
        ByteBuf end = channel.alloc().buffer(LAST_CHUNK.length);
        if (chunked) {
            end.writeBytes(LAST_CHUNK);
        }
        var written = out.writeAndFlush(end);
        if (!keep) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void reset() {
        if (!stopped) {
            stop();
            onEnd.run();
            // Closing with a linger of nothing sends RST, not FIN.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    private void ping(Duration every) {
        if (!stopped) {
            if (channel.isWritable()) {
                write(ping);
                out.flush();
            }
            later(() -> ping(every), every.toNanos());
        }
    }

    private void write(Frame frame) {
        byte[] bytes = frame.bytes();
        ByteBuf buffer = channel.alloc().buffer(bytes.length + 16);
        if (chunked) {
            buffer.writeCharSequence(Integer.toHexString(bytes.length), StandardCharsets.US_ASCII);
            buffer.writeBytes(CRLF).writeBytes(bytes).writeBytes(CRLF);
        } else {
            buffer.writeBytes(bytes);
        }
        out.write(buffer, out.voidPromise());
    }

    private void later(Runnable task, long nanos) {
        var _ = channel.eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
}
