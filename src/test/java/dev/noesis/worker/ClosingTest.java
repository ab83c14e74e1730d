package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
    private final List<String> taken = new ArrayList<>();

    @Test
    void stepsAreTakenInOrderWhateverBecameOfThoseBefore() {
        new Closing()
                .then("streams", () -> taken.add("streams"))
                .then("drain", () -> {
                    taken.add("drain");
                    throw new IOException("the disk is full");
                })
                .then("client", () -> {
                    taken.add("client");
                    throw new IllegalStateException("closed twice");
                })
                .then("lock", () -> taken.add("lock"))
                .run();

        assertThat(taken).containsExactly("streams", "drain", "client", "lock");
    }

    @Test
    void anInterruptEndsTheStepAndIsKeptForTheCaller() {
        new Closing()
                .then("drain", () -> {
                    throw new InterruptedException();
                })
                .then("lock", () -> {
                    taken.add("lock");
                    // a step may still wait: it does not find itself interrupted
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                })
                .run();

        assertThat(taken).containsExactly("lock");
        assertThat(Thread.interrupted()).isTrue();
    }
}
