package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches a response: how long its first byte may take, how long it may be silent, how long it may bring nothing but pings.
 * What runs out is fired through the pipeline as a user event, an {@link LlmFailure} that names the limit.
 *
 * <p>The handler stands before the HTTP codec, so that it sees bytes, not what the codec makes of them: headers that come a
 * byte at a time are no silence. Its clock stands still while reading is paused. Of the limits only the next one due is
 * scheduled, and it is put off when it fires, not at each byte.
 *
 * <p><b>Threading.</b> The channel's event loop only.
 */
final class StreamTimers extends ChannelInboundHandlerAdapter {
    private enum Phase {
        OFF,
        WAITING,
        STREAMING
    }

    private final Ticker ticker;
    private final Duration firstByte;
    private final Duration idle;
    private final Duration progress;

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Future<?> alarm;
    private Phase phase = Phase.OFF;
    private boolean answered;
    private long lastByte;
    private long lastProgress;

    private boolean paused;
    private long pausedAt;
    private long pausedNanos;

    StreamTimers(Ticker ticker, LlmConfig config) {
        this(ticker, config.firstByteTimeout(), config.idleTimeout(), config.progressTimeout());
    }

    StreamTimers(Ticker ticker, Duration firstByte, Duration idle, Duration progress) {
        this.ticker = ticker;
        this.firstByte = firstByte;
        this.idle = idle;
        this.progress = progress;
    }

    /** A request is about to be sent: so a server that does not take it runs into the first limit, too. */
    void start() {
        phase = Phase.WAITING;
        answered = false;
        lastByte = now();
        arm();
    }

    /** The request's last byte is on its way. */
    void requestSent() {
        if (phase == Phase.WAITING) {
            lastByte = now();
        }
    }

    /** Whether any byte came since {@link #start()}. */
    boolean answered() {
        return answered;
    }

    /** What came last was something other than a ping. */
    void progress() {
        lastProgress = lastByte;
    }

    /** The response is over, or nobody waits for it. */
    void stop() {
        phase = Phase.OFF;
        resume();
        disarm();
    }

    /** The clock stands still. */
    void pause() {
        if (!paused) {
            pausedAt = ticker.nanoTime();
            paused = true;
            disarm();
        }
    }

    /** The clock goes on. */
    void resume() {
        if (paused) {
            paused = false;
            pausedNanos += ticker.nanoTime() - pausedAt;
            if (phase != Phase.OFF) {
                arm();
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        phase = Phase.OFF;
        disarm();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        answered = true;
        lastByte = now();
        if (phase == Phase.WAITING) {
            phase = Phase.STREAMING;
            lastProgress = lastByte;
            arm();
        }
        context.fireChannelRead(message);
    }

    private long now() {
        return (paused ? pausedAt : ticker.nanoTime()) - pausedNanos;
    }

    private void arm() {
        disarm();
        if (!paused && ctx != null) {
            alarm = ctx.executor().schedule(this::ring, Math.max(0, nanosLeft()), TimeUnit.NANOSECONDS);
        }
    }

    private void disarm() {
        if (alarm != null) {
            alarm.cancel(false);
            alarm = null;
        }
    }

    private long nanosLeft() {
        long sinceByte = now() - lastByte;
        return switch (phase) {
            case OFF -> Long.MAX_VALUE;
            case WAITING -> firstByte.toNanos() - sinceByte;
            case STREAMING -> Math.min(idle.toNanos() - sinceByte, progress.toNanos() - (now() - lastProgress));
        };
    }

    private void ring() {
        alarm = null;
        if (ctx == null || phase == Phase.OFF) {
            return;
        }
        if (nanosLeft() > 0) {
            arm();
            return;
        }
        LlmFailure failure = expired();
        phase = Phase.OFF;
        ctx.fireUserEventTriggered(failure);
    }

    private LlmFailure expired() {
        if (phase == Phase.WAITING) {
            return failure(Kind.FIRST_BYTE_TIMEOUT, "no byte of the response came within ", firstByte);
        }
        return now() - lastByte >= idle.toNanos()
                ? failure(Kind.IDLE_TIMEOUT, "the response was silent for ", idle)
                : failure(Kind.PROGRESS_TIMEOUT, "the stream brought nothing but pings for ", progress);
    }

    private static LlmFailure failure(Kind kind, String words, Duration limit) {
        return LlmFailure.of(kind, words + limit.toMillis() + " ms");
    }
}
