package dev.noesis.heartbeat.checks;

import java.time.Duration;
import java.util.List;

/** A check that does as a test says. */
record TestCheck(String name, Duration timeout, Body body) implements Check {
    interface Body {
        List<Found> look(View view) throws Exception;
    }

    TestCheck(Body body) {
        this("test", Duration.ofSeconds(30), body);
    }

    static TestCheck finding(Found... found) {
        return new TestCheck(_ -> List.of(found));
    }

    static TestCheck failing(Exception exception) {
        return new TestCheck(_ -> {
            throw exception;
        });
    }

    @Override
    public Duration every() {
        return Duration.ofMinutes(1);
    }

    @Override
    public List<Found> look(View view) throws Exception {
        return body.look(view);
    }
}
