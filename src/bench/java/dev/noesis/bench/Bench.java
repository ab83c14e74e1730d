package dev.noesis.bench;

import dev.noesis.bench.isolation.IsolationBench;
import dev.noesis.bench.llm.LlmBench;
import dev.noesis.bench.load.LoadBench;
import dev.noesis.bench.recovery.RecoveryBench;
import dev.noesis.bench.recovery.RollingBench;
import dev.noesis.bench.recovery.SoakBench;
import java.util.Map;
import java.util.TreeMap;

/** Runs the benchmark that the system property {@code bench} names. */
public final class Bench {
    /** A benchmark; prints what it measured. */
    interface Benchmark {
        void run() throws Exception;
    }

    private static final Map<String, Benchmark> ALL = new TreeMap<>(Map.of(
            "isolation", IsolationBench::run,
            "llm", LlmBench::run,
            "recovery", RecoveryBench::run,
            "rolling", RollingBench::run,
            "runs", RunsBench::run,
            "soak", SoakBench::run,
            "worker", LoadBench::run));

    private Bench() {}

    public static void main(String[] args) throws Exception {
        String name = System.getProperty("bench", "runs");
        Benchmark benchmark = ALL.get(name);
        if (benchmark == null) {
            System.err.println("there is no benchmark named '" + name + "'; there are " + ALL.keySet());
            System.exit(2);
        } else {
            benchmark.run();
            System.exit(0);
        }
    }
}
