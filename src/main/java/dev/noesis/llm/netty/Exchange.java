package dev.noesis.llm.netty;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.netty.CallState.Asking;
import dev.noesis.llm.netty.CallState.Connecting;
import dev.noesis.llm.netty.CallState.Ended;
import dev.noesis.llm.netty.CallState.Refused;
import dev.noesis.llm.netty.CallState.Streaming;
import dev.noesis.llm.netty.CallState.Waiting;
import dev.noesis.llm.netty.ConnectionPool.Grant;
import dev.noesis.llm.netty.ConnectionPool.Permit;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.AnswerStream.Heard;
import dev.noesis.model.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call, from its start to its one outcome.
 *
 * <pre>
 *   Waiting ──grant──▶ Connecting ──▶ Asking ──200──▶ Streaming ──▶ Ended
 *      ▲    ──reuse───────────────────▶ │  ──else──▶ Refused ────▶
 *      └──── free retry (once) ─────────┘      (and from each state directly to Ended)
 * </pre>
 *
 * <p><b>Threading.</b> A call has a {@link Home}, and its state is touched only there. So no lock is needed, and the listener
 * hears everything in order.
 */
final class Exchange implements LlmCall, ConnectionPool.Waiter, Connector.Opened, ResponseListener, SseParser.Events {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLlmClient.class);
    private static final LlmFailure CLOSED = LlmFailure.of(Kind.CLIENT_CLOSED, "the model client is closed");

    /** How long an error's body may take: the status is known, and says most. */
    private static final long ERROR_BODY_MS = 2_000;

    private static final byte[] NOTHING = new byte[0];

    private final ClientParts client;
    private final String label;
    private final GuardedListener listener;
    private final long limitMs;

    private final Home home;

    private CallState state = new Waiting();
    /** Kept until the response begins, for the free retry. */
    private byte[] body;

    private @Nullable Future<?> callLimit;
    private @Nullable Future<?> stateLimit;
    /** What the caller asked for last, whose thread writes it. */
    private volatile boolean paused;

    private boolean retried;

    Exchange(ClientParts client, EventLoop home, LlmRequest request, LlmListener listener, long limitMs) {
        this.client = client;
        this.home = new Home(home, this::faulty, this::orphaned);
        this.label = request.label();
        this.listener = new GuardedListener(label, listener);
        this.limitMs = limitMs;
        // here, on the caller's thread: a long conversation takes longer to write than an event loop has
        this.body = client.format().body(request);
    }

    /** Starts the call. */
    void start() {
        home.run(() -> {
            int allowed = client.format().maxBodyBytes();
            if (body.length > allowed) {
                fail(Kind.REQUEST_TOO_LARGE, "the request has " + body.length + " bytes, " + allowed + " are allowed");
                return;
            }
            callLimit = home.later(this::callTooLong, limitMs);
            await();
            client.pool().acquire(this);
        });
    }

    @Override
    public void cancel() {
        home.run(() -> end(new LlmOutcome.Cancelled(state.usage())));
    }

    @Override
    public void pause() {
        paused = true;
        home.run(this::readOrNot);
    }

    @Override
    public void resume() {
        paused = false;
        home.run(this::readOrNot);
    }

    /** As was asked last, in whatever order a move lets the steps of several requests come here. */
    private void readOrNot() {
        Connection connection = state.connection();
        if (connection == null) {
            return;
        }
        if (paused) {
            connection.pause(this);
        } else {
            connection.resume(this);
        }
    }

    /** Ends the call because its client is closed. */
    void clientClosed() {
        home.run(() -> fail(CLOSED));
    }

    /** Ends the call on the present thread, once there are no event loops any more. */
    void orphaned() {
        client.calls().remove(this);
        listener.onEnd(new LlmOutcome.Failed(CLOSED, Usage.NONE, false));
    }

    private void faulty(RuntimeException fault) {
        LOG.atError().setCause(fault).addKeyValue("call", label).log("A model call failed by a fault of ours");
        fail(Kind.INTERNAL, "a fault of the client: " + fault);
    }

    // ---- a connection

    private void await() {
        state = new Waiting();
        stateLimit = home.later(this::waitedTooLong, client.acquireMs());
    }

    private void waitedTooLong() {
        // if it is in the queue no longer, its grant is on the way
        if (state instanceof Waiting && client.pool().abandon(this)) {
            fail(Kind.ACQUIRE_TIMEOUT, "all connections were in use for " + client.acquireMs() + " ms");
        }
    }

    @Override
    public void refused(LlmFailure failure) {
        home.run(() -> fail(failure));
    }

    @Override
    public void granted(Grant grant) {
        home.run(() -> {
            boolean wanted = state instanceof Waiting;
            switch (grant) {
                case Grant.Open(Permit permit)
                when wanted -> {
                    cancelStateLimit();
                    client.counters().opened.increment();
                    state = new Connecting(client.connector().connect(home.loop(), permit, this));
                }
                case Grant.Open(Permit permit) -> permit.release();
                case Grant.Reuse(Channel channel)
                when wanted -> {
                    cancelStateLimit();
                    client.counters().reused.increment();
                    home.move(channel.eventLoop());
                    home.run(() -> reuse(channel));
                }
                case Grant.Reuse(Channel channel) -> client.pool().release(channel);
            }
        });
    }

    @Override
    public void connected(Connection connection) {
        ask(connection);
    }

    @Override
    public void notConnected(LlmFailure failure) {
        fail(client.closed() ? CLOSED : failure);
    }

    private void reuse(Channel channel) {
        if (state instanceof Ended) {
            client.pool().release(channel);
        } else {
            ask(Connection.of(channel));
        }
    }

    private void ask(Connection connection) {
        state = new Asking(connection);
        connection.send(client.endpoint().request(body), this);
        if (paused) {
            connection.pause(this);
        }
    }

    // ---- the response

    @Override
    public void head(HttpResponse response) {
        if (!(state instanceof Asking(Connection connection))) {
            return;
        }
        body = NOTHING;
        int status = response.status().code();
        HttpHeaders headers = response.headers();
        announce(RateLimits.read(headers::get, System.currentTimeMillis()));
        if (SseParser.reads(response)) {
            state = new Streaming(
                    connection,
                    new SseParser(this),
                    client.format().answer(listener, client.maxAnswerBytes(), headers::get));
        } else if (status >= 300) {
            state = new Refused(connection, status, headers, new ByteArrayOutputStream(), System.currentTimeMillis());
            stateLimit = home.later(this::errorKnown, ERROR_BODY_MS);
        } else {
            fail(Kind.PROTOCOL, SseParser.whyNot(response));
        }
    }

    private void announce(RateLimits limits) {
        if (!limits.limits().isEmpty()) {
            listener.onRateLimits(limits);
        }
    }

    @Override
    public void body(ByteBuf content) {
        if (state instanceof Streaming streaming) {
            streaming.events().read(content);
        } else if (state instanceof Refused refused && !refused.read(content)) {
            errorKnown();
        }
    }

    @Override
    public void event(String name, byte[] data) {
        // the piece that is read may go on behind the end of the answer, or of the call
        if (!(state instanceof Streaming(Connection connection, SseParser _, AnswerStream stream)) || stream.ended()) {
            return;
        }
        Heard heard = stream.event(name, data);
        Throwable thrown = listener.thrown();
        if (thrown != null) {
            fail(
                    Kind.INTERNAL,
                    "the caller's listener threw " + thrown.getClass().getName());
        } else if (heard == Heard.END && stream.outcome() instanceof LlmOutcome.Failed failed) {
            end(failed);
        } else if (heard != Heard.PING) {
            connection.progress();
        }
    }

    @Override
    public boolean readComplete() {
        // Not at once with the last event: the end of the response mostly comes with it. Then the connection is free
        // again before the caller hears the outcome and perhaps starts another call.
        if (state instanceof Streaming(Connection connection, SseParser _, AnswerStream stream) && stream.ended()) {
            connection.drain(this);
            end(stream.outcome());
        }
        return state.partial();
    }

    @Override
    public void complete() {
        switch (state) {
            case Streaming s -> cut(LlmFailure.of(Kind.STREAM_CUT, "the stream ended without its last event"));
            case Refused r -> errorKnown();
            case Waiting w -> {}
            case Connecting c -> {}
            case Asking a -> fail(Kind.PROTOCOL, "the response had no head");
            case Ended e -> {}
        }
    }

    @Override
    public void lost(@Nullable Throwable cause) {
        String how = cause == null ? "closed by the server" : String.valueOf(cause.getMessage());
        if (client.closed()) {
            fail(CLOSED);
            return;
        }
        switch (state) {
            case Asking(Connection connection) -> {
                if (connection.reused() && !connection.answered() && !retried) {
                    // the server had closed it while it lay idle: nothing was asked, so nothing is lost
                    retried = true;
                    client.counters().freeRetries.increment();
                    await();
                    client.pool().acquireFresh(this);
                } else {
                    fail(
                            Causes.isAlert(cause) ? Kind.TLS_FAILED : Kind.CONNECTION_LOST,
                            "the connection was lost before the response: " + how);
                }
            }
            case Streaming s -> cut(LlmFailure.of(Kind.STREAM_CUT, "the stream broke without its last event: " + how));
            case Refused r -> errorKnown();
            case Waiting w -> {}
            case Connecting c -> {}
            case Ended e -> {}
        }
    }

    @Override
    public void malformed(Throwable cause) {
        fail(Kind.PROTOCOL, "the response cannot be read: " + cause.getMessage());
    }

    @Override
    public void timedOut(LlmFailure failure) {
        switch (state) {
            case Refused r -> errorKnown();
            case Waiting w -> fail(failure);
            case Connecting c -> fail(failure);
            case Asking a -> fail(failure);
            case Streaming s -> cut(failure);
            case Ended e -> {}
        }
    }

    // ---- the end

    private void callTooLong() {
        cut(LlmFailure.of(Kind.CALL_TIMEOUT, "the call took longer than " + limitMs + " ms"));
    }

    private void cut(LlmFailure failure) {
        if (state instanceof Streaming(Connection connection, SseParser _, AnswerStream stream)) {
            end(whole(stream.cut(failure)));
        } else {
            fail(failure);
        }
    }

    /** Counts an answer that is whole although its stream broke off. */
    private LlmOutcome whole(LlmOutcome outcome) {
        if (outcome instanceof LlmOutcome.Completed
                && state instanceof Streaming s
                && !s.stream().ended()) {
            client.counters().missingTerminalEvents.increment();
        }
        return outcome;
    }

    private void errorKnown() {
        if (state instanceof Refused refused) {
            fail(refused.failure(client.format()));
        }
    }

    private void fail(Kind kind, String message) {
        fail(LlmFailure.of(kind, message));
    }

    private void fail(LlmFailure failure) {
        end(new LlmOutcome.Failed(failure, state.usage(), state.partial()));
    }

    private void end(LlmOutcome outcome) {
        CallState last = state;
        if (last instanceof Ended) {
            return;
        }
        state = new Ended();
        try {
            release(last);
        } finally {
            client.calls().remove(this);
            listener.onEnd(
                    outcome instanceof LlmOutcome.Failed failed
                            ? client.endpoint().hideSecrets(failed)
                            : outcome);
        }
    }

    private void release(CallState last) {
        cancelStateLimit();
        if (callLimit != null) {
            callLimit.cancel(false);
        }
        switch (last) {
            case Waiting w -> client.pool().abandon(this);
            case Connecting(Connector.Attempt attempt) -> attempt.abort();
            // these do nothing where the response is over, or being drained: the connection is not ours then
            case Asking(Connection connection) -> connection.abort(this);
            case Streaming(Connection connection, SseParser _, AnswerStream stream) -> connection.abort(this);
            case Refused refused -> refused.connection().abort(this);
            case Ended e -> {}
        }
    }

    private void cancelStateLimit() {
        if (stateLimit != null) {
            stateLimit.cancel(false);
            stateLimit = null;
        }
    }

    @Override
    public String toString() {
        return "LlmCall[" + label + "]";
    }
}
