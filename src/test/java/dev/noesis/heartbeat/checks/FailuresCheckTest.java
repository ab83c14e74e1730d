package dev.noesis.heartbeat.checks;

import static dev.noesis.heartbeat.checks.Views.NOON;
import static dev.noesis.heartbeat.checks.Views.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.mind.Memory.Failure;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresCheckTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FailuresCheck check = new FailuresCheck();

    @Test
    void aFailedRunIsFoundByItsId() {
        List<Found> found = look(null, failure("r1", Lane.CHAT, ErrorCode.MODEL_UNAVAILABLE, MINUTE));

        assertThat(found)
                .extracting(Found::id, Found::source, Found::urgency, Found::needsAction)
                .containsExactly(tuple("r1", "chat", Urgency.NORMAL, true));
        assertThat(found.getFirst().summary()).contains("r1", "t1", "model_unavailable", "it broke");
        assertThat(Json.tree(String.valueOf(found.getFirst().data())))
                .isEqualTo(Json.tree("{\"runId\":\"r1\",\"code\":\"model_unavailable\",\"threadId\":\"t1\"}"));
    }

    @Test
    void aFaultOfNoesisItselfIsUrgent() {
        assertThat(look(null, failure("r1", Lane.CHAT, ErrorCode.INTERNAL, MINUTE)))
                .extracting(Found::urgency, Found::needsAction)
                .containsExactly(tuple(Urgency.HIGH, true));
    }

    @Test
    void aFailingTriageDoesNotFeedItself() {
        assertThat(look(
                        null,
                        failure("h1", Lane.HEARTBEAT, ErrorCode.INTERNAL, MINUTE),
                        failure("h2", Lane.HEARTBEAT, ErrorCode.STEP_LIMIT, MINUTE)))
                .extracting(Found::id, Found::urgency, Found::needsAction)
                .containsExactly(tuple("h1", Urgency.LOW, false), tuple("h2", Urgency.LOW, false));
    }

    @Test
    void whatItHasSeenIsNotFoundAgain() {
        long lastLooked = NOON - MINUTE.toMillis();

        List<Found> found = look(
                lastLooked,
                failure("new", Lane.CHAT, ErrorCode.STEP_LIMIT, Duration.ofSeconds(59)),
                failure("in the same millisecond", Lane.CHAT, ErrorCode.STEP_LIMIT, MINUTE),
                failure("old", Lane.CHAT, ErrorCode.STEP_LIMIT, Duration.ofSeconds(61)));

        assertThat(found).extracting(Found::id).containsExactly("new", "in the same millisecond");
    }

    @Test
    void aLongMessageIsCut() {
        Failure failure = new Failure("r1", "t1", Lane.CHAT, ErrorCode.TOOL_FAILED, "x".repeat(100_000), NOON);

        assertThat(look(null, failure).getFirst().summary()).hasSizeLessThan(Looks.MAX_SUMMARY);
    }

    @Test
    void itLooksInPlaceAndResolvesNothing() {
        assertThat(check.blocks()).isFalse();
        assertThat(check.seesAll()).isFalse();
    }

    private List<Found> look(Long lastLookedAt, Failure... failures) {
        return check.look(Views.of(lastLookedAt, List.of(), List.of(), List.of(failures)));
    }
}
