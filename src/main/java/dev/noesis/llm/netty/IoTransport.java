package dev.noesis.llm.netty;

import dev.noesis.config.TransportConfig.Io;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What event loops wait with, and the channels that go with it.
 *
 * @param handlers makes what a loop waits with
 * @param channel the type of its connections
 */
record IoTransport(IoHandlerFactory handlers, Class<? extends Channel> channel) {
    /** @throws IllegalArgumentException that says why, if what is named is not to be had here */
    static IoTransport of(Io io) {
        return switch (io) {
            case AUTO -> of(Epoll.isAvailable() ? Io.EPOLL : Io.NIO);
            case NIO -> new IoTransport(NioIoHandler.newFactory(), NioSocketChannel.class);
            case EPOLL -> {
                require(io, Epoll.unavailabilityCause());
                yield new IoTransport(EpollIoHandler.newFactory(), EpollSocketChannel.class);
            }
            case IO_URING -> {
                require(io, IoUring.unavailabilityCause());
                yield new IoTransport(IoUringIoHandler.newFactory(), IoUringSocketChannel.class);
            }
        };
    }

    private static void require(Io io, @Nullable Throwable unavailable) {
        if (unavailable != null) {
            throw new IllegalArgumentException(
                    "llm.transport=" + io.id() + " is not to be had on this machine: " + Causes.root(unavailable),
                    unavailable);
        }
    }
}
