package dev.noesis.run.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The invariants hold in every state that the run machine can reach within these bounds. What is explored is the lanes' own
 * processor with their own fronts; a log, stores that roll back, late and repeated appends, processes that die or linger are
 * around it, in every order. Each line of output says how many states there were.
 *
 * <p>With {@code -Dnoesis.explore.wide=true} the bounds are wider, and it takes half an hour.
 */
class RunMachineModelCheckTest {
    static Stream<Arguments> bounds() {
        return Stream.of(
                arguments("two threads of two runs", Bounds.of(twoOfTwo())),
                arguments(
                        "two threads of two runs, a crash",
                        Bounds.of(twoOfTwo()).crashes(1).window(1)),
                arguments("two threads, a crash", Bounds.of(two()).crashes(1)),
                arguments("two runs, a crash", Bounds.of(oneOfTwo()).crashes(1).window(6)),
                arguments("a run, two crashes", Bounds.of(one()).crashes(2)),
                arguments(
                        "a tool, a failure, a crash",
                        Bounds.of(oneOfTwo().withTools("a1")).failures(1).crashes(1)),
                arguments(
                        "a tool, a handover",
                        Bounds.of(oneOfTwo().withTools("a1")).handovers(1)),
                arguments(
                        "a handover, a crash",
                        Bounds.of(one()).handovers(1).crashes(1).window(2)),
                arguments("two handovers", Bounds.of(one()).handovers(2).window(1)),
                arguments(
                        "a cancel, a deadline",
                        Bounds.of(oneOfTwo().cancel("a", "a1")).expiries(1)),
                arguments(
                        "a cancel, a crash",
                        Bounds.of(oneOfTwo().cancel("a", "a1")).crashes(1).window(2)),
                arguments(
                        "a cancel, a repeated request, a crash",
                        Bounds.of(one().cancel("a", "a1").again("a", "a1")).crashes(1)),
                arguments(
                        "an interrupt, a crash",
                        Bounds.of(one().interrupting("a", "a2")).crashes(1)),
                arguments("a deletion, a crash", Bounds.of(one().delete()).crashes(1)),
                arguments("a deadline, a crash", Bounds.of(one()).expiries(1).crashes(1)),
                arguments(
                        "repeated appends, a crash",
                        Bounds.of(oneOfTwo()).duplicates(1).crashes(1)),
                arguments("repeated appends, two threads", Bounds.of(two()).duplicates(1)),
                arguments(
                        "a zombie that goes on",
                        Bounds.of(oneOfTwo()).crashes(1).window(1).withZombies()),
                arguments("both lanes", Bounds.of(one().signalAndTick("k1")).withBeats()));
    }

    static Stream<Arguments> wideBounds() {
        return Stream.of(
                arguments(
                        "two threads of two runs, a crash",
                        Bounds.of(twoOfTwo()).crashes(1).window(3)),
                arguments(
                        "two runs, two crashes",
                        Bounds.of(oneOfTwo()).crashes(2).window(2)),
                arguments("two threads, a handover", Bounds.of(two()).handovers(1)),
                arguments(
                        "two handovers, a crash",
                        Bounds.of(one()).handovers(2).crashes(1).window(1)),
                arguments(
                        "a tool, a handover, a crash",
                        Bounds.of(one().withTools("a1")).handovers(1).crashes(1).window(2)),
                arguments(
                        "a cancel, a deadline, a repeated append, a crash",
                        Bounds.of(one().cancel("a", "a1"))
                                .expiries(1)
                                .duplicates(1)
                                .crashes(1)),
                arguments(
                        "a zombie that goes on, a failure",
                        Bounds.of(oneOfTwo()).crashes(1).failures(1).window(2).withZombies()),
                arguments(
                        "both lanes, a crash",
                        Bounds.of(one().signalAndTick("k1"))
                                .crashes(1)
                                .window(1)
                                .withBeats()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bounds")
    void theInvariantsHoldInEveryState(String name, Bounds bounds) {
        hold(name, bounds);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wideBounds")
    @EnabledIfSystemProperty(named = "noesis.explore.wide", matches = "true")
    void theyHoldInWiderBounds(String name, Bounds bounds) {
        hold(name, bounds);
    }

    private static void hold(String name, Bounds bounds) {
        Explorer.Result result = new Explorer(bounds).explore();
        System.out.println(name + ": " + result.summary());
        assertThat(result.violation())
                .as("%s, after:%n%s", name, String.join("\n", result.trace()))
                .isNull();
    }

    private static Script one() {
        return new Script().thread("a", "a1");
    }

    private static Script oneOfTwo() {
        return new Script().thread("a", "a1", "a2");
    }

    private static Script two() {
        return new Script().thread("a", "a1").thread("b", "b1");
    }

    private static Script twoOfTwo() {
        return new Script().thread("a", "a1", "a2").thread("b", "b1", "b2");
    }
}
