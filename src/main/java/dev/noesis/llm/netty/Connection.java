package dev.noesis.llm.netty;

import dev.noesis.llm.LlmFailure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, the last handler of its channel: one request at a time, and between two of them it lies in the pool. It
 * goes back there only when its response was read to the end, its request was written to the end, and the server keeps it
 * alive; in all other cases it is closed.
 *
 * <p>Reading stops while its call is paused, and while it rests for its loop's sake ({@link ReadModeration}).
 *
 * <p>What arrives while nobody asked closes the connection. So does a server that takes its time to end a response of which
 * all is known ({@link #drain}).
 *
 * <p><b>Threading.</b> All methods on the channel's event loop, {@link #loop()} excepted.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    /** How long the end of a response that nobody waits for may take. */
    private static final long DRAIN_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(NettyLlmClient.class);
    private static final AttributeKey<Connection> CONNECTION = AttributeKey.valueOf(Connection.class, "CONNECTION");

    private final Channel channel;
    private final StreamTimers timers;
    private final ReadModeration moderation;
    private final ConnectionPool pool;

    private @Nullable ResponseListener listener;
    private @Nullable Future<?> drainLimit;
    private @Nullable Throwable cause;
    private long requests;
    private boolean idle = true;
    private boolean sent;
    private boolean keptAlive;
    private boolean informational;
    private boolean paused;
    private boolean resting;
    private int bytesRead;

    Connection(Channel channel, StreamTimers timers, ReadModeration moderation, ConnectionPool pool) {
        this.channel = channel;
        this.timers = timers;
        this.moderation = moderation;
        this.pool = pool;
        channel.attr(CONNECTION).set(this);
    }

    /** The connection whose channel that is; unlike the pipeline, the channel knows it also after it was closed. */
    static Connection of(Channel channel) {
        return Objects.requireNonNull(channel.attr(CONNECTION).get());
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    /** Sends a request, whose response that listener hears. */
    void send(FullHttpRequest request, ResponseListener responses) {
        requests++;
        timers.start();
        if (!channel.isActive()) {
            timers.stop();
            request.release();
            responses.lost(cause);
            return;
        }
        listener = responses;
        idle = false;
        sent = false;
        keptAlive = false;
        channel.writeAndFlush(request).addListener(written -> {
            if (written.isSuccess()) {
                sent = true;
                timers.requestSent();
            } else {
                cause = written.cause();
                close();
            }
        });
    }

    /** Whether a request was sent before the present one. */
    boolean reused() {
        return requests > 1;
    }

    /** Whether any byte of the present response came. */
    boolean answered() {
        return timers.answered();
    }

    /** What came last was something other than a ping. */
    void progress() {
        timers.progress();
    }

    /** Stops reading, so that the server has to wait; the timers stand still. */
    void pause(ResponseListener who) {
        if (listener == who) {
            timers.pause();
            paused = true;
            readIfWanted();
        }
    }

    /** Reads on. */
    void resume(ResponseListener who) {
        if (listener == who) {
            timers.resume();
            paused = false;
            readIfWanted();
        }
    }

    /** Its rest is over. */
    void wake() {
        resting = false;
        readIfWanted();
    }

    private void rest() {
        resting = true;
        readIfWanted();
        moderation.rest(this);
    }

    /** Nobody waits for a paused call, or for a rest, any more. */
    private void readOn() {
        paused = false;
        resting = false;
        readIfWanted();
    }

    private void readIfWanted() {
        channel.config().setAutoRead(!paused && !resting);
    }

    /** Closes the connection, if it still serves that listener, which hears no more. */
    void abort(ResponseListener who) {
        if (listener == who) {
            listener = null;
            timers.stop();
            close();
        }
    }

    /** TLS takes a while to say goodbye, and the response may end meanwhile: such a connection is not given back. */
    private void close() {
        keptAlive = false;
        channel.close();
    }

    /** The listener has all it wants and hears no more; what is left of the response is read and dropped, if it comes soon. */
    void drain(ResponseListener who) {
        if (listener == who) {
            listener = null;
            timers.stop();
            readOn();
            drainLimit = loop().schedule(this::close, DRAIN_MS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (idle) {
                close(); // nobody asked
            } else if (message instanceof HttpObject object
                    && object.decoderResult().isFailure()) {
                broken(object.decoderResult().cause());
            } else {
                read(message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(Object message) {
        if (message instanceof HttpResponse response) {
            informational = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (!informational) {
                keptAlive = HttpUtil.isKeepAlive(response);
                if (listener != null) {
                    listener.head(response);
                }
            }
        }
        if (message instanceof HttpContent content && !informational) {
            int bytes = content.content().readableBytes();
            bytesRead += bytes;
            if (listener != null && bytes > 0) {
                listener.body(content.content());
            }
            if (content instanceof LastHttpContent) {
                end();
            }
        }
    }

    private void end() {
        ResponseListener heard = listener;
        listener = null;
        idle = true;
        timers.stop();
        if (drainLimit != null) {
            drainLimit.cancel(false);
            drainLimit = null;
        }
        if (keptAlive && sent && channel.isActive()) {
            readOn();
            pool.release(channel);
        } else {
            close();
        }
        if (heard != null) {
            heard.complete();
        }
    }

    private void broken(Throwable why) {
        // headers cut short by the connection's end are no fault of the protocol: it is lost, as we are told next
        if (!(why instanceof PrematureChannelClosureException)) {
            malformed(why);
        }
    }

    private void malformed(Throwable why) {
        ResponseListener heard = listener;
        listener = null;
        timers.stop();
        close();
        if (heard != null) {
            heard.malformed(why);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        // one that brought nothing is a part of something larger, such as a record of TLS
        boolean little = bytesRead > 0 && bytesRead < ReadModeration.SMALL_BYTES;
        bytesRead = 0;
        if (little) {
            moderation.readLittle();
        }
        boolean answering = listener != null && listener.readComplete();
        if (answering && little && !resting && moderation.busy()) {
            rest();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof LlmFailure timeout) {
            if (listener != null) {
                listener.timedOut(timeout);
            }
        } else if (event instanceof SslCloseCompletionEvent && idle) {
            close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable caught) {
        if (caught instanceof TooLongFrameException) {
            malformed(caught);
            return;
        }
        if (!(caught instanceof IOException || caught instanceof CodecException)) {
            LOG.atError().setCause(caught).log("A connection to a model is closed by a fault of ours");
        }
        cause = caught;
        close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ResponseListener heard = listener;
        listener = null;
        timers.stop();
        if (drainLimit != null) {
            drainLimit.cancel(false);
        }
        if (heard != null) {
            heard.lost(cause);
        }
    }
}
