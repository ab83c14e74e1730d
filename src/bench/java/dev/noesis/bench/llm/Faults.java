package dev.noesis.bench.llm;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * A short answer, whole or gone wrong.
 *
 * <p><b>Threading.</b> The server's event loop.
 */
final class Faults {
    private static final int DELTAS = 3;
    private static final long PING_MS = 200;

    private final Channel channel;
    private final Frames frames;

    Faults(Channel channel, Frames frames) {
        this.channel = channel;
        this.frames = frames;
    }

    /** All of it at once, with one delta. */
    void whole() {
        channel.write(frames.begin(channel.alloc()), channel.voidPromise());
        channel.write(frames.deltas(channel.alloc(), 1), channel.voidPromise());
        channel.write(frames.stop(channel.alloc()), channel.voidPromise());
        channel.writeAndFlush(Frames.end(channel.alloc()), channel.voidPromise());
    }

    /** Falls silent within the answer. */
    void silent() {
        channel.write(frames.begin(channel.alloc()), channel.voidPromise());
        channel.writeAndFlush(frames.deltas(channel.alloc(), DELTAS), channel.voidPromise());
    }

    /** Sends nothing but signs of life from then on. */
    void onlyPings() {
        silent();
        var pings = channel.eventLoop()
                .scheduleAtFixedRate(
                        () -> channel.writeAndFlush(frames.ping(channel.alloc())),
                        PING_MS,
                        PING_MS,
                        TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> pings.cancel(false));
    }

    /** Ends the response properly, but not the answer. */
    void endedEarly() {
        silent();
        channel.writeAndFlush(Frames.end(channel.alloc()));
    }

    /** Closes the connection within the answer. */
    void closed() {
        silent();
        channel.close();
    }
}
