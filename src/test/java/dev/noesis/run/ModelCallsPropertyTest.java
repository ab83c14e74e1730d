package dev.noesis.run;

import static dev.noesis.run.ModelCallsFixture.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.model.MindEvent.StepCompleted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever becomes of calls, in whatever order: no permit is lost, none is made up, nothing paid goes unheard. */
class ModelCallsPropertyTest {
    private static final int PERMITS = 3;
    private static final int STEPS = 800;

    private int runs;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void permitsNeverLeak(long seed) {
        Random random = new Random(seed);
        try (ModelCallsFixture fixture = new ModelCallsFixture(PERMITS)) {
            Tenure tenure = new Tenure(0, "c0", 0);
            List<Effects.ModelCall> submitted = new ArrayList<>();
            fixture.llm.atOnce(call -> {
                // some end before they are returned
                if (Math.floorMod(call.label().hashCode() + seed, 9) == 0) {
                    call.failFree(Kind.CONNECT_FAILED);
                }
            });
            for (int i = 0; i < STEPS; i++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> {
                        Effects.ModelCall call = next(random);
                        submitted.add(call);
                        fixture.calls.submit(tenure, call, random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0);
                    }
                    case 4, 5, 6 -> any(fixture, random).ifPresent(call -> call.answer("hi"));
                    case 7 -> any(fixture, random).ifPresent(call -> call.fail(failure(random)));
                    case 8 -> any(fixture, random).ifPresent(call -> call.failFree(Kind.IDLE_TIMEOUT));
                    case 9 -> {
                        if (!submitted.isEmpty()) {
                            fixture.calls.cancel(submitted
                                    .get(random.nextInt(submitted.size()))
                                    .effectKey());
                        }
                    }
                    case 10 -> {
                        if (random.nextInt(10) == 0) {
                            fixture.calls.release(tenure);
                            if (random.nextBoolean()) {
                                fixture.calls.cancelHandedOver(tenure);
                            }
                            tenure = new Tenure(0, "c" + i, i);
                        }
                    }
                    default -> {
                        if (random.nextInt(3) == 0) {
                            fixture.settle();
                        }
                    }
                }
                assertThat(fixture.calls.inFlight()).isLessThanOrEqualTo(PERMITS);
            }

            // whoever is left is answered
            fixture.llm.atOnce(_ -> {});
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                fixture.llm.inFlight().forEach(call -> call.answer("at last"));
                fixture.settle();
                return fixture.calls.inFlight() == 0 && fixture.calls.waiting() == 0;
            });
            assertThat(fixture.allPermitsAreFree(PERMITS)).isTrue();
            assertThat(fixture.llm.calls()).hasSizeGreaterThan(50);
            answersAreHeardOnce(fixture);
        }
    }

    private static void answersAreHeardOnce(ModelCallsFixture fixture) {
        List<String> heard = fixture.reports().stream()
                .filter(event -> event.body() instanceof StepCompleted)
                .map(event -> event.runId() + "/" + ((StepCompleted) event.body()).step())
                .toList();
        long answered = fixture.llm.calls().stream()
                .filter(call -> call.isEnded() && call.wasAnswered())
                .count();
        assertThat(heard).doesNotHaveDuplicates().hasSize(Math.toIntExact(answered));
        assertThat(fixture.reports())
                .extracting(event -> event.eventId())
                .as("every report has a name of its own")
                .doesNotHaveDuplicates();
    }

    private Effects.ModelCall next(Random random) {
        long deadline = random.nextInt(20) == 0 ? NOW : NOW + 600_000;
        return ModelCallsFixture.call("agent" + random.nextInt(4), "r" + runs++, random.nextInt(2), deadline);
    }

    private static Optional<FakeLlm.Call> any(ModelCallsFixture fixture, Random random) {
        List<FakeLlm.Call> inFlight = fixture.llm.inFlight();
        return inFlight.isEmpty() ? Optional.empty() : Optional.of(inFlight.get(random.nextInt(inFlight.size())));
    }

    private static LlmFailure failure(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new LlmFailure(Kind.HTTP_STATUS, "529", 529, null, null, null);
            case 1 -> new LlmFailure(Kind.HTTP_STATUS, "429", 429, 60_000L, null, null);
            default -> new LlmFailure(Kind.HTTP_STATUS, "401", 401, null, null, null);
        };
    }
}
