package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.config.TransportConfig.Proxy;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to one endpoint.
 *
 * <p><b>Threading.</b> Immutable; {@link #connect} is called on the event loop that the connection is to live on, and all
 * that follows happens there.
 */
final class Connector {
    /** Longest first line of a response, in bytes. */
    private static final int MAX_STATUS_LINE = 4 * 1024;
    /** Most bytes of a response's headers. */
    private static final int MAX_HEADERS = 32 * 1024;
    /** Most bytes of content in one piece; what is more comes in several. */
    private static final int MAX_CHUNK = 64 * 1024;

    private final LlmConfig config;
    private final Endpoint endpoint;
    private final ConnectionPool pool;
    private final @Nullable Tls tls;
    private final @Nullable Proxy proxy;
    private final Ticker ticker;
    private final Map<EventLoop, ReadModeration> moderations;
    private final LongConsumer connected;
    private final Bootstrap template;

    /**
     * @param moderations of each event loop that connections live on
     * @param connected told how many nanoseconds it took to open each connection that became usable
     */
    Connector(
            LlmConfig config,
            Endpoint endpoint,
            @Nullable Tls tls,
            ConnectionPool pool,
            Class<? extends Channel> channelType,
            ByteBufAllocator allocator,
            HostResolver resolver,
            Ticker ticker,
            Map<EventLoop, ReadModeration> moderations,
            LongConsumer connected) {
        this.config = config;
        this.endpoint = endpoint;
        this.tls = tls;
        this.pool = pool;
        this.ticker = ticker;
        this.moderations = moderations;
        this.connected = connected;
        this.proxy = config.transport().proxy();
        InetSocketAddress address = proxy == null ? endpoint.address() : Endpoint.address(proxy.host(), proxy.port());
        this.template = new Bootstrap()
                .channel(channelType)
                .resolver(resolver)
                .remoteAddress(address)
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                // the attempt has its own limit, which counts the lookup of the host, too
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        // through a proxy it has to wait for the tunnel
                        if (proxy == null) {
                            assemble(channel);
                        }
                    }
                });
    }

    /** The pipeline, from the network inwards. */
    private void assemble(Channel channel) {
        StreamTimers timers = new StreamTimers(ticker, config);
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast("tls", tls.handler(channel.alloc()));
        }
        pipeline.addLast("timers", timers);
        pipeline.addLast("http", new HttpClientCodec(bounds(), false, false));
        ReadModeration moderation = Objects.requireNonNull(moderations.get(channel.eventLoop()));
        pipeline.addLast("connection", new Connection(channel, timers, moderation, pool));
    }

    private static HttpDecoderConfig bounds() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_STATUS_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxChunkSize(MAX_CHUNK);
    }

    /** Who waits for a connection; exactly one of the two is called, unless the attempt is aborted. */
    interface Opened {
        void connected(Connection connection);

        void notConnected(LlmFailure failure);
    }

    /** Begins to connect on the present event loop. */
    Attempt connect(EventLoop loop, ConnectionPool.Permit permit, Opened opened) {
        ChannelFuture connecting = template.clone(loop).connect();
        permit.tie(connecting.channel());
        return new Attempt(loop, connecting, permit, opened);
    }

    /** A connection on its way to be usable: host looked up, TCP connected, tunnel made, TLS agreed on. */
    final class Attempt implements ProxyTunnel.Listener {
        private final Channel channel;
        private final ConnectionPool.Permit permit;
        private final Opened opened;
        private final Future<?> limit;
        private final long began = ticker.nanoTime();
        private boolean over;

        private Attempt(EventLoop loop, ChannelFuture connecting, ConnectionPool.Permit permit, Opened opened) {
            this.channel = connecting.channel();
            this.permit = permit;
            this.opened = opened;
            this.limit = loop.schedule(this::tooSlow, config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
            // never within connect(), nor on the thread of a future that had no loop: the caller has to know the
            // attempt first
            connecting.addListener(done -> loop.execute(() -> tcp(done)));
        }

        /** Closes what was begun; nobody is told. */
        void abort() {
            over = true;
            limit.cancel(false);
            channel.close();
            permit.release();
        }

        private void tooSlow() {
            String through = proxy == null ? "" : " through the proxy " + proxy;
            fail(Kind.CONNECT_TIMEOUT, "no connection to " + endpoint + through + within(config.connectTimeout()));
        }

        private void tcp(Future<? super Void> done) {
            if (over) {
                return;
            }
            if (!done.isSuccess()) {
                notConnected(Causes.root(done.cause()));
            } else if (proxy == null) {
                secure();
            } else {
                ProxyTunnel.ask(channel, proxy, endpoint.authority(), bounds(), this);
            }
        }

        private void notConnected(String why) {
            if (proxy == null) {
                fail(Kind.CONNECT_FAILED, "no connection to " + endpoint + ": " + why);
            } else {
                fail(Kind.PROXY_FAILED, "no connection to the proxy " + proxy + ": " + why);
            }
        }

        @Override
        public void tunnelled() {
            if (!over) {
                assemble(channel);
                secure();
            }
        }

        @Override
        public void notTunnelled(LlmFailure failure) {
            fail(failure);
        }

        private void secure() {
            limit.cancel(false);
            SslHandler ssl = channel.pipeline().get(SslHandler.class);
            if (ssl == null) {
                usable();
            } else {
                ssl.handshakeFuture().addListener(this::handshaken);
            }
        }

        private void handshaken(Future<? super Channel> done) {
            if (over) {
                return;
            }
            Throwable cause = done.cause();
            if (cause == null) {
                usable();
            } else if (cause instanceof SslHandshakeTimeoutException) {
                fail(Kind.TLS_TIMEOUT, "no TLS with " + endpoint + within(config.tlsTimeout()));
            } else if (cutOff(cause)) {
                // nobody refused anything: worth another attempt
                fail(
                        Kind.CONNECTION_LOST,
                        "the connection to " + endpoint + " broke in the TLS handshake: " + Causes.root(cause));
            } else {
                fail(Kind.TLS_FAILED, "no TLS with " + endpoint + ": " + Causes.root(cause));
            }
        }

        private static boolean cutOff(Throwable failure) {
            for (Throwable t = failure; t != null; t = t.getCause()) {
                if (t instanceof IOException && !(t instanceof SSLException)) {
                    return true;
                }
            }
            return false;
        }

        private void usable() {
            over = true;
            connected.accept(ticker.nanoTime() - began);
            opened.connected(Connection.of(channel));
        }

        private void fail(Kind kind, String message) {
            fail(LlmFailure.of(kind, message));
        }

        private void fail(LlmFailure failure) {
            if (!over) {
                abort();
                opened.notConnected(failure);
            }
        }

        private static String within(Duration limit) {
            return " within " + limit.toMillis() + " ms";
        }
    }
}
