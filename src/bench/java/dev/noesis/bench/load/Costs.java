package dev.noesis.bench.load;

import java.time.Duration;
import java.util.List;

/** CPU time of all that takes part, at one moment. */
record Costs(Duration subject, Duration broker, Duration model, Duration driver) {
    static Costs now(List<Child> subject, Backends backends) {
        return new Costs(
                subject.stream().map(Child::cpu).reduce(Duration.ZERO, Duration::plus),
                backends.broker().cpu(),
                backends.model().cpu(),
                ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO));
    }

    Costs since(Costs before) {
        return new Costs(
                subject.minus(before.subject),
                broker.minus(before.broker),
                model.minus(before.model),
                driver.minus(before.driver));
    }

    static double msPerRun(Duration all, int runs) {
        return runs == 0 ? 0 : all.toNanos() / 1e6 / runs;
    }
}
