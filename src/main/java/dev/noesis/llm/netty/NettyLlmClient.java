package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.anthropic.MessagesFormat;
import dev.noesis.llm.openai.ChatFormat;
import dev.noesis.llm.wire.WireFormat;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a model over HTTP/1.1, in the wire format of its configured provider, and streams its answers.
 *
 * <p>Each client has its own event loops and its own connections, and shares neither with another: what one lane's model does
 * to its client cannot slow another lane's. The threads are daemons named {@code noesis-<name>-llm-<n>}.
 *
 * <p><b>Threading.</b> {@link #start} and {@link #stats} from any thread; they do not block, though {@code start} writes the
 * request's JSON before it returns. Listeners are called on an event loop, and hold up all of its calls while they run.
 * {@link #close} blocks, and must not be called by a listener; if it is, it does not wait.
 */
public final class NettyLlmClient implements LlmClient {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLlmClient.class);
    private static final long CLOSE_MS = 5_000;

    private final String name;
    private final LlmConfig config;
    private final MultiThreadIoEventLoopGroup loops;
    private final HostResolver resolver;
    private final @Nullable Tls tls;
    private final ClientParts parts;
    private final Set<Exchange> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param name of the lane, for threads and log lines
     * @throws IllegalArgumentException if the configuration cannot work: the message names the key, never the secret
     */
    public NettyLlmClient(String name, LlmConfig config) {
        this(name, config, ClientObserver.NONE);
    }

    /** @param observer told what the client's insides take; see {@link #NettyLlmClient(String, LlmConfig)} for the rest */
    public NettyLlmClient(String name, LlmConfig config, ClientObserver observer) {
        this(name, config, ByteBufAllocator.DEFAULT, Tls.best(), ReadModeration.BUSY_READS, observer);
    }

    NettyLlmClient(
            String name,
            LlmConfig config,
            ByteBufAllocator allocator,
            SslProvider provider,
            int busyReads,
            ClientObserver observer) {
        this.name = "noesis-" + name + "-llm";
        this.config = config;
        WireFormat format = formatOf(config);
        Endpoint endpoint = new Endpoint(config, format);
        IoTransport transport = IoTransport.of(config.transport().io());
        tls = endpoint.tls() ? new Tls(endpoint, config, provider) : null;
        loops = new MultiThreadIoEventLoopGroup(config.eventLoops(), new LoopThreads(this.name), transport.handlers());
        resolver = new HostResolver(this.name);
        Ticker ticker = Ticker.systemTicker();
        ClientCounters counters = new ClientCounters();
        Map<EventLoop, ReadModeration> moderations = new HashMap<>();
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            LoopLag.measure(loop, ticker, observer::lagged);
            moderations.put(loop, new ReadModeration(loop, ticker, busyReads, counters.rests));
        }
        ConnectionPool pool = new ConnectionPool(
                PoolLimits.of(config),
                loops.next(),
                ticker,
                () -> ThreadLocalRandom.current().nextLong(),
                observer::waited);
        parts = new ClientParts(
                format,
                endpoint,
                pool,
                new Connector(
                        config,
                        endpoint,
                        tls,
                        pool,
                        transport.channel(),
                        allocator,
                        resolver,
                        ticker,
                        Map.copyOf(moderations),
                        observer::connected),
                counters,
                calls,
                config.acquireTimeout().toMillis(),
                config.maxAnswerBytes(),
                closed::get);
    }

    private static WireFormat formatOf(LlmConfig config) {
        return switch (config.request().provider()) {
            case ANTHROPIC -> new MessagesFormat(config.apiVersion(), config.request());
            case OPENAI -> new ChatFormat(config.request());
        };
    }

    @Override
    public LlmCall start(LlmRequest request, LlmListener listener) {
        Exchange call = new Exchange(parts, loops.next(), request, listener, limitMs(request));
        calls.add(call);
        if (closed.get()) {
            call.clientClosed(); // after the call is known, so that either we see that the client is closed, or
            // close() the call
        } else {
            call.start();
        }
        return call;
    }

    private long limitMs(LlmRequest request) {
        Duration own = config.callTimeout();
        return Math.min(request.timeoutMs(), own == null ? defaultLimitMs(request.maxTokens()) : own.toMillis());
    }

    /** An hour for 128,000 tokens, in proportion for fewer, at least ten minutes. */
    static long defaultLimitMs(int maxTokens) {
        long hour = TimeUnit.HOURS.toMillis(1);
        return Math.max(TimeUnit.MINUTES.toMillis(10), Math.min(hour, hour * maxTokens / 128_000));
    }

    /**
     * A snapshot of what the client has and did.
     *
     * @param calls in flight, those that wait for a connection included
     * @param connections open or being opened
     * @param idle of those connections
     * @param waiting calls that wait for a connection
     * @param opened connections since the start, attempts included
     * @param reused times that an idle connection was used again
     * @param freeRetries calls sent anew because an idle connection turned out to be closed by the server
     * @param missingTerminalEvents answers that were whole although their last event was missing
     * @param rests times that a stream was not read for a while because its event loop was busy
     */
    public record Stats(
            int calls,
            int connections,
            int idle,
            int waiting,
            long opened,
            long reused,
            long freeRetries,
            long missingTerminalEvents,
            long rests) {}

    /** What the client has and did so far. */
    public Stats stats() {
        ConnectionPool.Books books = parts.pool().books();
        ClientCounters counters = parts.counters();
        return new Stats(
                calls.size(),
                books.open(),
                books.idle(),
                books.waiting(),
                counters.opened.sum(),
                counters.reused.sum(),
                counters.freeRetries.sum(),
                counters.missingTerminalEvents.sum(),
                counters.rests.sum());
    }

    @Override
    public void close() {
        boolean first = closed.compareAndSet(false, true);
        if (first) {
            calls.forEach(Exchange::clientClosed);
            parts.pool().close();
            loops.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS);
            resolver.close();
            if (tls != null) {
                tls.close();
            }
        }
        if (onOwnLoop()) {
            return;
        }
        try {
            if (!loops.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                LOG.atWarn()
                        .addKeyValue("client", name)
                        .addKeyValue("waitedMs", CLOSE_MS)
                        .log("Event loops did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (loops.isTerminated()) {
            calls.forEach(Exchange::orphaned); // those whose last step came after the loops' last
        }
    }

    private boolean onOwnLoop() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return name + " to " + parts.endpoint();
    }

    /** Daemon threads with plain names; Netty's factory adds a number of its own. */
    private static final class LoopThreads extends DefaultThreadFactory {
        private final String prefix;
        private final AtomicInteger count = new AtomicInteger();

        LoopThreads(String prefix) {
            super(prefix, true);
            this.prefix = prefix;
        }

        @Override
        protected Thread newThread(Runnable task, String ignored) {
            return super.newThread(task, prefix + "-" + count.incrementAndGet());
        }
    }
}
