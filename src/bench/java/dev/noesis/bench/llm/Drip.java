package dev.noesis.bench.llm;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Streams that get a delta each 25 ms, spread evenly over that time, until they are ended. The schedule is open: it does not
 * wait for clients. What could not be sent in time is left out and counted: where a connection's buffers are full because its
 * client is far behind, or where the server itself is.
 *
 * <p><b>Threading.</b> The server's event loop.
 */
final class Drip {
    /** Deltas a second, for each stream. */
    static final int RATE = 40;

    private static final int SLOTS = 1_000 / RATE;
    /** A slot that is later than this is left out. */
    private static final long MOST_LATE_MS = SLOTS;
    /** Deltas that share one moment, so one buffer. */
    private static final int SHARED = 16;

    private record Stream(Channel channel, Frames frames) {}

    private final List<List<Stream>> slots = new ArrayList<>();
    private long servedMs = nowMs();
    private int added;
    private long deltas;
    private long skipped;

    Drip(EventLoop loop) {
        for (int i = 0; i < SLOTS; i++) {
            slots.add(new ArrayList<>());
        }
        // with a pause between two, in which a busy loop reads requests
        loop.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.MILLISECONDS);
    }

    void add(Channel channel, Frames frames) {
        channel.writeAndFlush(frames.begin(channel.alloc()), channel.voidPromise());
        slots.get(added++ % SLOTS).add(new Stream(channel, frames));
    }

    /** Ends all streams as an answer ends. */
    void end() {
        for (List<Stream> slot : slots) {
            for (Stream stream : slot) {
                Channel channel = stream.channel;
                channel.write(stream.frames.stop(channel.alloc()), channel.voidPromise());
                channel.writeAndFlush(Frames.end(channel.alloc()), channel.voidPromise());
            }
            slot.clear();
        }
    }

    long deltas() {
        return deltas;
    }

    long skipped() {
        return skipped;
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    private void tick() {
        long now = nowMs();
        // what a server that got no processor missed is not made up for: it would have time for nothing else
        for (; now - servedMs > MOST_LATE_MS; servedMs++) {
            skipped += slot(servedMs).size();
        }
        for (; servedMs < now; servedMs++) {
            serve(slot(servedMs));
        }
    }

    private List<Stream> slot(long ms) {
        return slots.get((int) (ms % SLOTS));
    }

    private void serve(List<Stream> slot) {
        slot.removeIf(stream -> !stream.channel.isActive());
        for (int from = 0; from < slot.size(); from += SHARED) {
            List<Stream> some = slot.subList(from, Math.min(slot.size(), from + SHARED));
            // all streams of a moment speak the same format: one client is measured at a time
            ByteBuf delta =
                    some.getFirst().frames.deltas(some.getFirst().channel.alloc(), 1);
            for (Stream stream : some) {
                if (stream.channel.isWritable()) {
                    deltas++;
                    stream.channel.writeAndFlush(delta.retainedDuplicate(), stream.channel.voidPromise());
                } else {
                    skipped++;
                }
            }
            delta.release();
        }
    }
}
