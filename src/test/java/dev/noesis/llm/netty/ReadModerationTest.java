package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakGuard.class)
class ReadModerationTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int BUSY = 10;

    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel clock =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final LongAdder rests = new LongAdder();
    private final ReadModeration moderation = new ReadModeration(clock.eventLoop(), ticker, BUSY, rests);
    private final ConnectionPool pool = new ConnectionPool(
            new PoolLimits(100, 0, LONG, LONG), clock.eventLoop(), ticker, new Random(1), nanos -> {});
    private final List<Stream> streams = new ArrayList<>();

    @AfterEach
    void close() {
        streams.forEach(stream -> stream.channel.finishAndReleaseAll());
        clock.finishAndReleaseAll();
    }

    @Test
    void aLoopThatIsNotBusyReadsItsStreamsAtOnce() {
        Stream stream = new Stream();
        for (int step = 0; step < 20; step++) {
            reads(BUSY - 3);
            stream.read();
            pass(10);
        }

        assertThat(stream.isRead()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 9, 10, 11, 20})
    void theLongerALoopIsBusyTheLongerItsStreamsRestUpTo100Milliseconds(int busySteps) {
        Stream stream = new Stream();
        busyFor(busySteps);
        stream.read();

        int rest = 10 * Math.min(busySteps, 10);
        pass(rest - 1);
        assertThat(stream.isRead()).as("after %d ms", rest - 1).isFalse();
        pass(1);
        assertThat(stream.isRead()).as("after %d ms", rest).isTrue();
    }

    @Test
    void theyRestNoMoreOnceTheLoopIsQuiet() {
        Stream stream = new Stream();
        busyFor(5);
        pass(60);
        stream.read();
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void theirRestsStayAsLongAsTheyKeepTheLoopFromBeingBusy() {
        Stream stream = new Stream();
        busyFor(3);
        for (int step = 0; step < 10; step++) {
            reads(BUSY - 2);
            pass(10);
            reads(1);
        }
        stream.read();
        pass(29);
        assertThat(stream.isRead()).isFalse();
        pass(1);
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void thoseOfOneStepAreReadTogether() {
        List<Stream> some = List.of(new Stream(), new Stream(), new Stream());
        busyFor(2);
        some.forEach(Stream::read);
        assertThat(some).noneMatch(Stream::isRead);
        pass(20);
        assertThat(some).allMatch(Stream::isRead);
    }

    @Test
    void whatHasNotBegunToAnswerIsReadAtOnce() {
        Stream stream = new Stream();
        stream.answering = false;
        busyFor(5);
        stream.read();
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void whatBringsMuchIsReadAtOnce() {
        Stream stream = new Stream();
        busyFor(5);
        stream.read(2_048);
        assertThat(stream.isRead()).isTrue();
        stream.read(2_047);
        assertThat(stream.isRead()).isFalse();
        assertThat(rests.sum()).isEqualTo(1);
    }

    @Test
    void aReadThatBroughtNothingWholeIsFollowedByTheNext() {
        Stream stream = new Stream();
        busyFor(5);
        stream.channel.pipeline().fireChannelReadComplete();
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void whatBringsMuchMakesALoopNotBusy() {
        Stream flood = new Stream();
        Stream stream = new Stream();
        for (int step = 0; step < 5; step++) {
            for (int i = 0; i < 2 * BUSY; i++) {
                flood.read(4_096);
            }
            pass(10);
        }
        stream.read();
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void aLoopThatIsLateDoesNotMakeRestsLonger() {
        Stream stream = new Stream();
        busyFor(5);
        stream.read();
        ticker.advance(19, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        pass(31);

        assertThat(stream.isRead())
                .as("after 50 ms, of which one turn was 9 ms late")
                .isTrue();
    }

    @Test
    void aPausedStreamIsReadWhenItIsResumedAndHasRested() {
        Stream stream = new Stream();
        busyFor(2);
        stream.read();
        stream.connection.pause(stream);
        pass(20);
        assertThat(stream.isRead()).as("rested, paused").isFalse();
        stream.connection.resume(stream);
        assertThat(stream.isRead()).as("rested, resumed").isTrue();

        busyFor(2);
        stream.connection.pause(stream);
        stream.read();
        stream.connection.resume(stream);
        assertThat(stream.isRead()).as("resumed, rests").isFalse();
        pass(100);
        assertThat(stream.isRead()).as("resumed, rested").isTrue();
    }

    @Test
    void theNextResponseIsReadAtOnceThoughTheLastEndedInARest() {
        Stream stream = new Stream();
        busyFor(5);
        stream.read();
        stream.channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
        assertThat(stream.isRead()).isTrue();
        stream.ask();
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void aStreamThatIsDrainedIsReadAtOnce() {
        Stream stream = new Stream();
        busyFor(5);
        stream.read();
        stream.connection.drain(stream);
        assertThat(stream.isRead()).isTrue();
    }

    @Test
    void aStreamThatWasClosedInItsRestIsForgotten() {
        Stream stream = new Stream();
        busyFor(5);
        stream.read();
        stream.channel.close();
        pass(100);
        assertThat(stream.channel.isOpen()).isFalse();
        assertThat(clock.runScheduledPendingTasks())
                .as("when the wheel turns next")
                .isEqualTo(-1);
    }

    /** Whatever happens in whatever order, a stream that is not paused is read at the latest 100 ms after its last read. */
    @Test
    void noStreamIsForgotten() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 8; i++) {
            new Stream();
        }
        for (int step = 0; step < 50_000; step++) {
            Stream stream = streams.get(random.nextInt(streams.size()));
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3, 4 -> stream.read(random.nextInt(3_000));
                case 5 -> reads(random.nextInt(2 * BUSY));
                case 6 -> stream.pause();
                case 7 -> stream.resume();
                case 8 -> stream.channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
                case 9 -> stream.answering = random.nextBoolean();
                case 10 -> stream.drain();
                case 11 -> stream.channel.close();
                default -> pass(random.nextInt(25));
            }
            if (!stream.channel.isOpen()) {
                streams.remove(stream);
                stream.channel.finishAndReleaseAll();
                new Stream();
                continue;
            }
            if (stream.paused) {
                assertThat(stream.isRead())
                        .as("paused: seed %d, step %d", seed, step)
                        .isFalse();
            }
            if (stream.ended) {
                stream.ask();
            }
            if (random.nextInt(100) == 0) {
                streams.forEach(Stream::resume);
                pass(100);
                assertThat(streams).as("seed %d, step %d", seed, step).allMatch(Stream::isRead);
            }
        }
    }

    private void busyFor(int steps) {
        for (int step = 0; step < steps; step++) {
            reads(BUSY);
            pass(10);
        }
        reads(1);
    }

    /** Reads of other streams of the loop. */
    private void reads(int count) {
        for (int i = 0; i < count; i++) {
            moderation.readLittle();
        }
    }

    private void pass(int milliseconds) {
        for (int i = 0; i < milliseconds; i++) {
            ticker.advance(1, TimeUnit.MILLISECONDS);
            clock.runScheduledPendingTasks();
        }
    }

    /** A response on its own connection, heard by itself. */
    private final class Stream implements ResponseListener {
        private final EmbeddedChannel channel =
                EmbeddedChannel.builder().ticker(ticker).build();
        private final Connection connection;
        private boolean answering = true;
        private boolean ended;
        private boolean paused;
        private boolean drained;

        Stream() {
            StreamTimers timers = new StreamTimers(ticker, LONG, LONG, LONG);
            connection = new Connection(channel, timers, moderation, pool);
            channel.pipeline().addLast(timers, connection);
            pool.acquireFresh(new TiedTo(channel));
            streams.add(this);
            ask();
        }

        void ask() {
            ended = false;
            connection.send(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"), this);
            channel.releaseOutbound();
            channel.pipeline().fireChannelRead(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        }

        void read() {
            read(20);
        }

        void read(int bytes) {
            channel.writeInbound(new DefaultHttpContent(Unpooled.buffer(bytes).writeZero(bytes)));
        }

        void pause() {
            connection.pause(this);
            paused = !drained;
        }

        void resume() {
            connection.resume(this);
            paused = false;
        }

        void drain() {
            connection.drain(this);
            drained = true;
            paused = false;
        }

        boolean isRead() {
            return channel.config().isAutoRead();
        }

        @Override
        public void head(HttpResponse response) {}

        @Override
        public void body(ByteBuf content) {}

        @Override
        public boolean readComplete() {
            return answering;
        }

        @Override
        public void complete() {
            ended = true;
            paused = false;
        }

        @Override
        public void lost(@Nullable Throwable cause) {}

        @Override
        public void malformed(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void timedOut(LlmFailure failure) {
            throw new AssertionError(failure);
        }
    }
}
