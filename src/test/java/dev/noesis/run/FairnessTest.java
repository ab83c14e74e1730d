package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose turn it is when a flood of calls waits. */
@Timeout(60)
class FairnessTest {
    private static final Logger log = LoggerFactory.getLogger(FairnessTest.class);
    private static final int FLOOD = 10_000;

    @Test
    void besideAFloodOfOneAgentAnothersOnlyCallGetsTheNextFreePermit() {
        try (ModelCallsFixture lane = new ModelCallsFixture(4)) {
            flood(lane);
            lane.submit("bob", "b1", 0);
            assertThat(lane.calls.waiting()).isEqualTo(FLOOD - 4 + 1);

            answer(lane, 0);
            // ada's next was at the head of the turns when bob came; then it is bob's
            answer(lane, 1);

            assertThat(lane.llm.labels()).hasSize(6).contains("bob/b1/0");
        }
    }

    @Test
    void laterStepsGoBeforeNewRunsWhoeverWaits() {
        try (ModelCallsFixture lane = new ModelCallsFixture(4)) {
            flood(lane);
            lane.submit("bob", "b1", 0);
            lane.submit("cyd", "c1", 1);
            lane.submit("ada", "a-begun", 3);

            answer(lane, 0);
            answer(lane, 1);

            assertThat(lane.llm.labels().subList(4, 6)).containsExactlyInAnyOrder("cyd/c1/1", "ada/a-begun/3");
        }
    }

    @Test
    void aFloodThatIsCancelledLeavesNothing() {
        try (ModelCallsFixture lane = new ModelCallsFixture(4)) {
            flood(lane);
            for (int i = 0; i < FLOOD; i++) {
                lane.calls.cancel(Effect.CallModel.key("ada", "a" + i, 0));
            }
            lane.settle();

            assertThat(lane.calls.held()).isZero();
            assertThat(lane.calls.waiting()).isZero();
            assertThat(lane.calls.freePermits()).isEqualTo(4);
        }
    }

    @Test
    void anAgentNeverHoldsMoreThanItMayWhateverTheOthersDo() {
        FairQueue<String> queue = new FairQueue<>(32, _ -> 0);
        for (int i = 0; i < FLOOD; i++) {
            queue.offer("ada", "a" + i);
        }
        for (int i = 0; i < 100; i++) {
            queue.offer("agent" + i, "x");
        }
        Map<String, Integer> taken = new HashMap<>();
        for (String item = queue.poll(); item != null; item = queue.poll()) {
            taken.merge(item.startsWith("a") ? "ada" : item, 1, Integer::sum);
        }

        assertThat(taken).containsExactlyInAnyOrderEntriesOf(Map.of("ada", 32, "x", 100));
        queue.release("ada");
        assertThat(queue.poll()).isEqualTo("a32");
        assertThat(queue.poll()).isNull();
    }

    /** An operation's cost must not grow with what waits: 100,000 take some 0.2 s. */
    @Test
    void manyAgentsWithManyCallsCostAConstantPerCall() {
        turns(1_000);
        long small = turns(1_000);
        long large = turns(10_000);
        log.atInfo()
                .addKeyValue("nsPerCallOf10000", small / 10_000)
                .addKeyValue("nsPerCallOf100000", large / 100_000)
                .log("offer, poll and release");

        assertThat(Duration.ofNanos(large)).isLessThan(Duration.ofSeconds(10));
    }

    private static long turns(int agents) {
        List<String> names =
                IntStream.range(0, agents).mapToObj(i -> "agent" + i).toList();
        FairQueue<String> queue = new FairQueue<>(32, _ -> 0);
        long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            for (String agent : names) {
                queue.offer(agent, agent);
            }
        }
        int served = 0;
        for (String agent = queue.poll(); agent != null; agent = queue.poll()) {
            queue.release(agent);
            served++;
        }
        long took = System.nanoTime() - start;
        assertThat(served).isEqualTo(10 * agents);
        return took;
    }

    private static void flood(ModelCallsFixture lane) {
        for (int i = 0; i < FLOOD; i++) {
            lane.submit("ada", "a" + i, 0);
        }
        assertThat(lane.llm.calls()).hasSize(4);
    }

    private static void answer(ModelCallsFixture lane, int index) {
        lane.llm.call(index).answer("hi");
        lane.settle();
    }
}
