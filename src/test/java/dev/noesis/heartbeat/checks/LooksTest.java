package dev.noesis.heartbeat.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.CheckReport.Status;
import dev.noesis.model.Finding.Urgency;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LooksTest {
    /** Its message cannot even be had. */
    private static final class Spiteful extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @Test
    void whatWasFoundIsTold() {
        Found found = found("a", "src", "sum", "{\"n\":1}");

        Looked looked = look(TestCheck.finding(found));

        assertThat(looked.key()).isEqualTo("k");
        assertThat(looked.check()).isEqualTo("test");
        assertThat(looked.isOk()).isTrue();
        assertThat(looked.found()).containsExactly(found);
        assertThat(looked.tookMs()).isNotNegative();
        assertThat(looked.message()).isNull();
    }

    @Test
    void moreThanFiftyAreCut() {
        Found[] many = IntStream.range(0, 51)
                .mapToObj(i -> found("id" + i, "s", "s", null))
                .toArray(Found[]::new);

        Looked looked = look(TestCheck.finding(many));

        assertThat(looked.isOk()).isTrue();
        assertThat(looked.found()).hasSize(50);
        assertThat(looked.message()).isEqualTo("more was found than the 50 that count");
        assertThat(look(TestCheck.finding(Arrays.copyOf(many, 50))).message()).isNull();
    }

    static List<Throwable> whatMayBeThrown() {
        return List.of(
                new CheckException("no answer"),
                new IllegalStateException("broken"),
                new NullPointerException(),
                new StackOverflowError(),
                new OutOfMemoryError("made up"),
                new LinkageError("old class"));
    }

    @ParameterizedTest
    @MethodSource("whatMayBeThrown")
    void whateverIsThrownIsAFailure(Throwable thrown) {
        Looked looked = look(new TestCheck(_ -> {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        }));

        assertThat(looked.status()).isEqualTo(Status.FAILED);
        assertThat(looked.found()).isEmpty();
        assertThat(looked.message()).isNotBlank();
    }

    @Test
    void whoseMessageThrowsIsToldByItsKind() {
        assertThat(look(TestCheck.failing(new Spiteful())).message()).isEqualTo("Spiteful");
    }

    @Test
    void aReasonIsToldAsItIsAndAFaultByItsKind() {
        assertThat(look(TestCheck.failing(new CheckException("no answer"))).message())
                .isEqualTo("no answer");
        assertThat(look(TestCheck.failing(new IllegalStateException("broken"))).message())
                .isEqualTo("IllegalStateException: broken");
        assertThat(look(TestCheck.failing(new CheckException("x".repeat(10_000))))
                        .message())
                .hasSize(500);
    }

    @Test
    void anInterruptIsAFailureAndIsNotLost() {
        Looked looked = look(TestCheck.failing(new InterruptedException()));

        assertThat(looked.isOk()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void nothingAtAllIsAFailure() {
        assertThat(look(new TestCheck(_ -> null)).message()).isEqualTo("it answered null");
        assertThat(look(new TestCheck(_ -> Collections.singletonList(null))).message())
                .isEqualTo("of what it found, the one at 0 is null");
    }

    @Test
    void whatCannotBeToldIsAFailureThatSaysWhy() {
        assertFailure(found("a", "s", "x".repeat(2_001), null), "has a summary of more than 2000 characters");
        assertFailure(found("a", "x".repeat(201), "s", null), "has a source of more than 200 characters");
        assertFailure(found("a", "s", "s", "\"" + "é".repeat(8_192) + "\""), "has data of more than 16384 bytes");
        assertFailure(found("a", "s", "s", "{"), "has data that is not JSON");
        assertFailure(found("a", "s", "s", ""), "has data that is not JSON");
        assertFailure(found("a", "s", "s", "{} x"), "has data that is not JSON");
        assertFailure(found("a", "s", "half \uD83D", null), "is not Unicode");
    }

    @Test
    void whatIsJustSmallEnoughIsTold() {
        assertThat(look(TestCheck.finding(
                                found("a", "x".repeat(200), "x".repeat(2_000), "\"" + "é".repeat(8_191) + "\"")))
                        .isOk())
                .isTrue();
    }

    @Test
    void aListThatChangesBehindItChangesNothing() {
        List<Found> list = new ArrayList<>(List.of(found("a", "s", "s", null)));
        Looked looked = look(new TestCheck(_ -> list));

        list.clear();

        assertThat(looked.found()).hasSize(1);
    }

    @Test
    void aTextIsNotCutWithinACharacter() {
        assertThat(Looks.first("ab😀", 3)).isEqualTo("ab");
        assertThat(Looks.first("ab😀", 4)).isEqualTo("ab😀");
        assertThat(Looks.first("abc", 2)).isEqualTo("ab");
    }

    private static void assertFailure(Found found, String why) {
        Looked looked = look(TestCheck.finding(found("fine", "s", "s", null), found));

        assertThat(looked.status()).isEqualTo(Status.FAILED);
        assertThat(looked.found()).isEmpty();
        assertThat(looked.message())
                .startsWith("of what it found, the one at 1 ")
                .contains(why);
    }

    private static Looked look(Check check) {
        return Looks.look("k", check, Views.EMPTY);
    }

    private static Found found(String id, String source, String summary, String data) {
        return new Found(id, source, summary, Urgency.NORMAL, true, data);
    }
}
