package dev.noesis.demo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A model server that speaks the Anthropic Messages API and OpenAI's chat completions over HTTP/1.1 and says what a {@link Script} tells it to; where
 * no rule of the script fits, or there is no script, a small {@link Conversationalist} answers. For demonstrations,
 * tests and load: it plays thousands of slow streams on one event loop.
 *
 * <p>It answers {@code POST /v1/messages} and {@code POST /v1/chat/completions}, streamed or whole, refuses what the real server refuses (with the same error
 * bodies), sends request ids and rate-limit headers, and keeps connections alive. {@code GET /stats} gives
 * {@link ModelServerStats} as JSON. Requests are not to be pipelined. Nothing it does is random.
 *
 * <p><b>Threading.</b> All methods may be called from any thread; {@link #close()} blocks for at most a few seconds.
 */
public final class ScriptedModelServer implements AutoCloseable {
    static final String ENCODER = "http-encoder";
    private static final int MAX_BODY_BYTES = 32 * 1024 * 1024;

    private final EventLoopGroup loops;
    private final ChannelGroup channels;
    private final Channel listening;
    private final Options options;
    private final ModelServerStats stats;

    private ScriptedModelServer(
            EventLoopGroup loops, ChannelGroup channels, Channel listening, Options options, ModelServerStats stats) {
        this.loops = loops;
        this.channels = channels;
        this.listening = listening;
        this.options = options;
        this.stats = stats;
    }

    /**
     * How to start.
     *
     * @param host the address to bind to; for a wildcard, {@link #baseUrl()} names 127.0.0.1
     * @param port 1 to 65,535, or 0 for a free one
     * @param apiKey what clients have to send, as {@code x-api-key} or bearer token; null to let everyone in
     * @param script null for none
     * @param latency from a response's headers to its first word, where the script says nothing
     * @param tokensPerSecond words of a stream in a second, where the script says nothing; 0 for as fast as can be
     * @param eventLoops threads, 1 to 64
     * @param recordedCalls how many requests {@link ModelServerStats#recorded()} keeps; 0 for none
     * @param tls for HTTPS; null for plain HTTP
     */
    public record Options(
            String host,
            int port,
            @Nullable String apiKey,
            @Nullable Script script,
            Duration latency,
            double tokensPerSecond,
            int eventLoops,
            int recordedCalls,
            @Nullable SslContext tls) {

        public Options {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port is between 0 and 65535, not " + port);
            }
            if (latency.isNegative()) {
                throw new IllegalArgumentException("latency is not negative");
            }
            if (!(tokensPerSecond >= 0)) {
                throw new IllegalArgumentException("tokensPerSecond is at least 0, not " + tokensPerSecond);
            }
            if (eventLoops < 1 || eventLoops > 64) {
                throw new IllegalArgumentException("eventLoops is between 1 and 64, not " + eventLoops);
            }
            if (recordedCalls < 0) {
                throw new IllegalArgumentException("recordedCalls is at least 0, not " + recordedCalls);
            }
        }

        /** Loopback, a free port, no key, no script, 25 ms to the first word, 40 words in a second, one event loop. */
        public static Options defaults() {
            return new Options("127.0.0.1", 0, null, null, Duration.ofMillis(25), 40, 1, 1_000, null);
        }

        public Options withAddress(String host, int port) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        public Options withApiKey(@Nullable String apiKey) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        public Options withScript(@Nullable Script script) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        public Options withPace(Duration latency, double tokensPerSecond) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        /** No waiting at all, for tests. */
        public Options instant() {
            return withPace(Duration.ZERO, 0);
        }

        public Options withEventLoops(int eventLoops) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        public Options withRecordedCalls(int recordedCalls) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        public Options withTls(@Nullable SslContext tls) {
            return new Options(host, port, apiKey, script, latency, tokensPerSecond, eventLoops, recordedCalls, tls);
        }

        /** The key is left out. */
        @Override
        public String toString() {
            return "Options[" + host + ":" + port + ", latency=" + latency + ", tokensPerSecond=" + tokensPerSecond
                    + "]";
        }
    }

    /** Starts a server without a script, on loopback and a free port, at a talker's pace. */
    public static ScriptedModelServer start() {
        return start(Options.defaults());
    }

    /**
     * Starts a server; it takes requests when this returns.
     *
     * @throws UncheckedIOException if it cannot listen there
     */
    public static ScriptedModelServer start(Options options) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                options.eventLoops(), new DefaultThreadFactory("model-server", true), io);
        ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ModelServerStats stats = new ModelServerStats(options.recordedCalls());
        RateWindow rate = new RateWindow(Clock.systemUTC());
        List<Responder> responders = new ArrayList<>();
        Reply.Pacing pacing = new Reply.Pacing(Duration.ZERO, options.latency(), options.tokensPerSecond(), 0, null);
        if (options.script() != null) {
            responders.add(options.script().responder(pacing));
        }
        responders.add(new Conversationalist(pacing));

        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        ChannelPipeline pipeline = channel.pipeline();
                        if (options.tls() != null) {
                            pipeline.addLast("tls", options.tls().newHandler(channel.alloc()));
                        }
                        pipeline.addLast("http-decoder", new HttpRequestDecoder());
                        // For answers made at once; a playback writes its own bytes in front of it.
                        pipeline.addLast(ENCODER, new HttpResponseEncoder());
                        pipeline.addLast("http-body", new RequestAggregator(MAX_BODY_BYTES));
                        pipeline.addLast("calls", new CallHandler(options.apiKey(), responders, rate, stats));
                    }
                });
        try {
            Channel listening = bootstrap
                    .bind(new InetSocketAddress(options.host(), options.port()))
                    .syncUninterruptibly()
                    .channel();
            return new ScriptedModelServer(loops, channels, listening, options, stats);
        } catch (Exception e) { // what bind throws unchecked, a BindException mostly
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new UncheckedIOException(new IOException(
                    "cannot listen on " + options.host() + ":" + options.port() + ": " + e.getMessage(), e));
        }
    }

    /** Where clients connect to, without a path: {@code http://127.0.0.1:34567}. */
    public URI baseUrl() {
        InetSocketAddress address = (InetSocketAddress) listening.localAddress();
        String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : options.host();
        return URI.create((options.tls() == null ? "http" : "https") + "://" + host + ":" + address.getPort());
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    public ModelServerStats stats() {
        return stats;
    }

    /** Requests to a model so far. */
    public long calls() {
        return stats.calls();
    }

    /** Requests that are being answered, or hang. */
    public int inFlight() {
        return stats.inFlight();
    }

    /** Closes all connections, streams in midst included, and the port. Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (loops.isShuttingDown()) {
            return;
        }
        listening.close().syncUninterruptibly();
        channels.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
