package dev.noesis.bench.llm;

import io.netty.channel.Channel;

/**
 * A stream of a fixed length that is sent as fast as its reader takes it.
 *
 * <p><b>Threading.</b> The server's event loop.
 */
final class Flood {
    /** Deltas of one answer. */
    static final int DELTAS = 5_000;

    private static final int BATCH = 50;

    private final Channel channel;
    private final Frames frames;
    private int left = DELTAS;
    private boolean over;

    Flood(Channel channel, Frames frames) {
        this.channel = channel;
        this.frames = frames;
    }

    void begin() {
        channel.write(frames.begin(channel.alloc()), channel.voidPromise());
        more();
    }

    /** Sends while the connection takes it. */
    void more() {
        while (!over && channel.isActive() && channel.isWritable()) {
            if (left > 0) {
                left -= BATCH;
                channel.write(frames.deltas(channel.alloc(), BATCH), channel.voidPromise());
            } else {
                over = true;
                channel.write(frames.stop(channel.alloc()), channel.voidPromise());
                channel.write(Frames.end(channel.alloc()), channel.voidPromise());
            }
        }
        channel.flush();
    }
}
