package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.netty.ConnectionPool.Books;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class ConnectionTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final ConnectionPool pool = new ConnectionPool(
            new PoolLimits(1, 0, LONG, LONG), channel.eventLoop(), ticker, new Random(1), nanos -> {});
    private final StreamTimers timers = new StreamTimers(ticker, LONG, LONG, LONG);
    private final Connection connection = new Connection(
            channel,
            timers,
            new ReadModeration(channel.eventLoop(), ticker, ReadModeration.BUSY_READS, new LongAdder()),
            pool);
    private final Heard heard = new Heard();

    @BeforeEach
    void connect() {
        pool.acquire(new TiedTo(channel));
        channel.pipeline().addLast(timers, connection);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void itIsGivenBackBeforeTheListenerHearsTheEnd() {
        send();
        respond();

        assertThat(heard.said).containsExactly("head 200", "body", "complete with idle 1");
        assertThat(connection.reused()).isFalse();
    }

    @Test
    void aClosedOneIsLostAsIfNothingHadBeenAsked() {
        send();
        respond();
        channel.close();
        heard.said.clear();
        send();

        assertThat(heard.said).containsExactly("lost");
        assertThat(connection.reused()).isTrue();
        assertThat(connection.answered()).isFalse();
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
    }

    @Test
    void whoHasNothingToDoWithItCannotCloseIt() {
        send();
        connection.abort(new Heard());
        assertThat(channel.isOpen()).isTrue();
        respond();
        connection.abort(heard);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void oneThatIsBeingClosedIsNotGivenBack() {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                // as TLS does, which has to say goodbye first
            }
        });
        heard.onBody = () -> connection.abort(heard);
        send();
        respond();

        assertThat(channel.isActive()).isTrue();
        assertThat(heard.said).containsExactly("head 200", "body");
        assertThat(pool.books()).isEqualTo(new Books(1, 0, 0));
        channel.pipeline().removeFirst();
    }

    @Test
    void itReadsAgainWhenItsCallWasPausedAtTheEnd() {
        send();
        connection.pause(heard);
        assertThat(channel.config().isAutoRead()).isFalse();
        respond();
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aFaultOfOursEndsTheCallAndClosesIt() {
        heard.fault = true;
        send();
        respond();

        assertThat(channel.isOpen()).isFalse();
        assertThat(heard.said).containsExactly("lost");
        assertThat(pool.books()).isEqualTo(new Books(0, 0, 0));
    }

    private void send() {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.POST,
                "/",
                Unpooled.directBuffer().writeBytes("x".getBytes(StandardCharsets.US_ASCII)));
        connection.send(request, heard);
        channel.releaseOutbound();
        assertThat(request.refCnt()).isZero();
    }

    private void respond() {
        channel.writeInbound(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.OK,
                Unpooled.directBuffer(1).writeByte('x')));
    }

    private final class Heard implements ResponseListener {
        private final List<String> said = new ArrayList<>();
        private boolean fault;
        private Runnable onBody = () -> {};

        @Override
        public void head(HttpResponse response) {
            if (fault) {
                throw new IllegalStateException("thrown by the test");
            }
            said.add("head " + response.status().code());
        }

        @Override
        public void body(ByteBuf content) {
            said.add("body");
            onBody.run();
        }

        @Override
        public boolean readComplete() {
            return false;
        }

        @Override
        public void complete() {
            said.add("complete with idle " + pool.books().idle());
        }

        @Override
        public void lost(@Nullable Throwable cause) {
            said.add("lost");
        }

        @Override
        public void malformed(Throwable cause) {
            said.add("malformed");
        }

        @Override
        public void timedOut(LlmFailure failure) {
            said.add("timed out");
        }
    }
}
