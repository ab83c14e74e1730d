package dev.noesis.llm.netty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Measures how late an event loop is, by a task that is due each second. A loop that was held up for several does those it
 * missed at once, each with its own lag: so a long stall does not count as one sample among many good ones.
 *
 * <p><b>Threading.</b> The loop only, once started.
 */
final class LoopLag implements Runnable {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ticker ticker;
    private final LongConsumer lagged;
    private long due;

    private LoopLag(Ticker ticker, LongConsumer lagged) {
        this.ticker = ticker;
        this.lagged = lagged;
        this.due = ticker.nanoTime() + PERIOD_NANOS;
    }

    /** Measures until the loop ends. */
    static void measure(EventExecutor loop, Ticker ticker, LongConsumer lagged) {
        loop.scheduleAtFixedRate(new LoopLag(ticker, lagged), PERIOD_NANOS, PERIOD_NANOS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        lagged.accept(Math.max(0, ticker.nanoTime() - due));
        due += PERIOD_NANOS;
    }
}
