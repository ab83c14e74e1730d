package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class StreamTimersTest {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final StreamTimers timers =
            new StreamTimers(ticker, Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(20));
    private final List<Kind> rung = new ArrayList<>();
    private final EmbeddedChannel channel = EmbeddedChannel.builder()
            .ticker(ticker)
            .handlers(timers, new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    rung.add(((LlmFailure) event).kind());
                }
            })
            .build();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void nothingRingsBeforeARequest() {
        pass(1_000_000);
        assertThat(rung).isEmpty();
    }

    @Test
    void theFirstByteIsWaitedForFromTheRequestsLast() {
        timers.start();
        pass(9_000);
        timers.requestSent();
        pass(9_999);
        assertThat(rung).isEmpty();
        pass(1);
        assertThat(rung).containsExactly(Kind.FIRST_BYTE_TIMEOUT);
        assertThat(timers.answered()).isFalse();
    }

    @Test
    void aRequestThatCannotBeSentRunsIntoTheSameLimit() {
        timers.start();
        pass(10_000);
        assertThat(rung).containsExactly(Kind.FIRST_BYTE_TIMEOUT);
    }

    @Test
    void silenceIsMeasuredFromTheLastByte() {
        timers.start();
        read();
        pass(4_999);
        read();
        pass(4_999);
        assertThat(rung).isEmpty();
        assertThat(timers.answered()).isTrue();
        pass(1);
        assertThat(rung).containsExactly(Kind.IDLE_TIMEOUT);
    }

    @Test
    void bytesWithoutProgressAreNotEnough() {
        timers.start();
        for (int i = 0; i < 4; i++) {
            read();
            pass(4_000);
        }
        read();
        timers.progress();
        for (int i = 0; i < 4; i++) {
            pass(4_000);
            read();
        }
        assertThat(rung).isEmpty();
        pass(4_000);
        assertThat(rung).containsExactly(Kind.PROGRESS_TIMEOUT);
    }

    @Test
    void theClockStandsStillWhileReadingIsPaused() {
        timers.start();
        pass(9_000);
        timers.pause();
        pass(1_000_000);
        timers.resume();
        pass(999);
        assertThat(rung).isEmpty();
        read();
        pass(4_000);
        timers.pause();
        pass(1_000_000);
        timers.pause();
        pass(1_000_000);
        timers.resume();
        timers.resume();
        pass(999);
        assertThat(rung).isEmpty();
        pass(1);
        assertThat(rung).containsExactly(Kind.IDLE_TIMEOUT);
    }

    @Test
    void whatRangRingsNoMore() {
        timers.start();
        pass(10_000);
        pass(1_000_000);
        assertThat(rung).hasSize(1);
    }

    @Test
    void afterTheResponseNothingRings() {
        timers.start();
        read();
        timers.pause();
        timers.stop();
        pass(1_000_000);
        assertThat(rung).isEmpty();

        timers.start();
        assertThat(timers.answered()).isFalse();
        pass(10_000);
        assertThat(rung).containsExactly(Kind.FIRST_BYTE_TIMEOUT);
    }

    private void read() {
        channel.writeInbound(Unpooled.EMPTY_BUFFER);
        channel.releaseInbound();
    }

    private void pass(long millis) {
        ticker.advance(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }
}
