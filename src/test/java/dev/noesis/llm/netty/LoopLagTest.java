package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopLagTest {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel loop =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final List<Long> lags = new ArrayList<>();

    @Test
    void aLoopThatWasHeldUpIsLateForEachTimeItMissed() {
        LoopLag.measure(loop.eventLoop(), ticker, nanos -> lags.add(TimeUnit.NANOSECONDS.toMillis(nanos)));
        pass(1_000);
        pass(1_007);
        assertThat(lags).containsExactly(0L, 7L);

        pass(3_100);
        assertThat(lags).containsExactly(0L, 7L, 2_107L, 1_107L, 107L);
        loop.finishAndReleaseAll();
    }

    private void pass(long millis) {
        ticker.advance(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
    }
}
