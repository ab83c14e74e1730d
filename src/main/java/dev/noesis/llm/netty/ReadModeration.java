package dev.noesis.llm.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Lets a busy event loop read each of its streams less often, as a network card bundles its interrupts. A model sends its
 * answer a few bytes at a time, and most of what they cost is that they are read by themselves; so beyond a number of reads a
 * second a stream that was read rests, and what it is sent meanwhile is read in one. The rests are as long as it takes to come
 * down to that number again, up to 100 ms, and end when there is half as much to read.
 *
 * <p>Those that rest stand on a wheel that turns a step each 10 ms, and only while somebody stands on it: they are woken
 * together, so that the loop then finds many streams to read at one waiting.
 *
 * <p><b>Threading.</b> The loop only.
 */
final class ReadModeration {
    /** From this number of small reads in a step on a loop is busy: at about 12 µs each, 30 % of a core. */
    static final int BUSY_READS = 250;

    /** A read that brought as much is no small one: to read it later would save nothing. */
    static final int SMALL_BYTES = 2_048;

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** In steps. */
    private static final int LONGEST_REST = 10;

    private final EventLoop loop;
    private final Ticker ticker;
    private final int busyReads;
    private final LongAdder rests;

    private final List<List<Connection>> wheel = Stream.generate(() -> (List<Connection>) new ArrayList<Connection>())
            .limit(LONGEST_REST + 1)
            .toList();
    private int position;
    private int resting;
    /** When the wheel turns next, by the ticker: a loop that is late does not make rests longer. */
    private long turnAt;

    private long stepBegan;
    private int reads;
    /** How many steps a stream rests at present. */
    private int rest;

    /**
     * @param busyReads from which number of small reads in a step on the loop is busy
     * @param rests counts them
     */
    ReadModeration(EventLoop loop, Ticker ticker, int busyReads, LongAdder rests) {
        this.loop = loop;
        this.ticker = ticker;
        this.busyReads = busyReads;
        this.rests = rests;
        this.stepBegan = ticker.nanoTime();
    }

    /** A read of one of the loop's connections brought a little. */
    void readLittle() {
        reads++;
        long elapsed = ticker.nanoTime() - stepBegan;
        if (elapsed < STEP_NANOS) {
            return;
        }
        long perStep = reads * STEP_NANOS / elapsed;
        if (perStep >= busyReads) {
            rest = Math.min(rest + 1, LONGEST_REST);
        } else if (perStep < busyReads / 2) {
            rest = (int) Math.max(0, rest - elapsed / STEP_NANOS);
        }
        reads = 0;
        stepBegan += elapsed;
    }

    /** Whether streams rest at present. */
    boolean busy() {
        return rest > 0;
    }

    /** That connection rests from now on, unlike before; it is {@linkplain Connection#wake woken}. */
    void rest(Connection connection) {
        wheel.get((position + rest) % wheel.size()).add(connection);
        rests.increment();
        if (resting++ == 0) {
            turnAt = ticker.nanoTime();
            turnLater();
        }
    }

    private void turnLater() {
        turnAt += STEP_NANOS;
        loop.schedule(this::turn, Math.max(0, turnAt - ticker.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void turn() {
        position = (position + 1) % wheel.size();
        List<Connection> rested = wheel.get(position);
        resting -= rested.size();
        try {
            rested.forEach(Connection::wake);
        } finally {
            rested.clear();
            if (resting > 0) {
                turnLater();
            }
        }
    }
}
