package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.CrashableChat;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.RateLimits.Resource;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.StepFailed;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A call that a limit which its provider had announced holds back: what was to be done later stands in the log. */
class HeldCallRecoveryTest {
    private static final long UNTIL_RESET = 60_000;

    @Test
    void itIsMadeInItsTimeByTheTaskThatComesAfterACrash() {
        isMadeInItsTime(lane -> lane.commit().crash());
    }

    @Test
    void itIsMadeInItsTimeByTheTaskThatComesAfterACrashThatLostWhatWasFolded() {
        isMadeInItsTime(CrashableLane::crash);
    }

    @Test
    void itIsMadeInItsTimeByTheTaskThatComesAfterACleanStop() {
        isMadeInItsTime(CrashableLane::stop);
    }

    private static void isMadeInItsTime(UnaryOperator<CrashableLane> end) {
        CrashableLane lane = CrashableChat.task(Map.of()).startAndOwn();
        lane.input(CrashableChat.REQUESTS, "ada", CrashableChat.start("t1", "r1", ""));
        lane.run().commit();
        CrashableEffects.Called called = lane.effects().called.getFirst();
        MindEvent held = held(called, lane.clock());
        assertThat(held.body())
                .isInstanceOfSatisfying(
                        StepFailed.class, failed -> assertThat(failed.retryAt()).isEqualTo(lane.clock() + UNTIL_RESET));
        lane.append("ada", held);
        lane.run();

        end.apply(lane).startAndOwn();

        assertThat(lane.calls()).as("not before").isEmpty();
        lane.pass(UNTIL_RESET - 1_500).fallBack();
        assertThat(lane.effects().called)
                .singleElement()
                .satisfies(again -> assertThat(again.delayMs()).isEqualTo(1_500));
        lane.answer("ada", "r1", "Here I am.").commit();
        assertThat(lane.outputs("replies")).singleElement().satisfies(reply -> {
            assertThat(reply.json().at("/outcome/type").asString()).isEqualTo("success");
            assertThat(reply.json().at("/result/attempts").asInt())
                    .as("the one that was held was none")
                    .isEqualTo(1);
        });
    }

    /** What the lane's model calls make of it, where another call has heard the limit before. */
    private static MindEvent held(CrashableEffects.Called called, long now) {
        try (ModelCallsFixture models = new ModelCallsFixture(2)) {
            models.clock.set(now);
            models.calls.submit(models.tenure, ModelCallsFixture.call("bob", "r0", 0, now + UNTIL_RESET), 0);
            models.llm
                    .call(0)
                    .listener
                    .onRateLimits(
                            new RateLimits(Map.of(Resource.REQUESTS, new RateLimits.Limit(0, now + UNTIL_RESET))));
            models.calls.submit(called.tenure(), called.call(), 0);
            assertThat(models.llm.calls()).hasSize(1);
            return models.reports().getFirst();
        }
    }
}
