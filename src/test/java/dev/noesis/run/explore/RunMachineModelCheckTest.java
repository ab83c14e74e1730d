package dev.noesis.run.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunMachineModelCheckTest {
    @Test
    void small() {
        holds("1x1 crash", Bounds.of(new Script().thread("a", "a1")).crashes(1));
        holds("1x2", Bounds.of(new Script().thread("a", "a1", "a2")));
        holds("2x2", Bounds.of(new Script().thread("a", "a1", "a2").thread("b", "b1", "b2")));
        holds("1x2 crash", Bounds.of(new Script().thread("a", "a1", "a2")).crashes(1));
        holds("1x2 crash 2", Bounds.of(new Script().thread("a", "a1", "a2")).crashes(2));
    }

    private static void holds(String name, Bounds bounds) {
        Explorer.Result result = new Explorer(bounds, Fault.NONE).explore();
        System.out.println(name + ": " + result.summary());
        assertThat(result.violation())
                .as("%s", String.join("\n", result.trace()))
                .isNull();
    }
}
