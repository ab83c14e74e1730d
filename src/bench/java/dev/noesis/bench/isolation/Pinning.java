package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.Settings;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Which cores belong to the workers: half of them, where there are enough. The rest has the other half: this process, and those
 * that it starts and says nothing else of.
 *
 * @param workers the command that starts a worker on its cores; empty for none
 * @param what for the report
 */
record Pinning(List<String> workers, String what) {
    private static final int ENOUGH = 4;

    /** Pins this process, too. Before it starts others. */
    static Pinning choose() throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        boolean isWanted = Boolean.parseBoolean(Settings.text("pin", Boolean.toString(cores >= ENOUGH)));
        if (!isWanted || cores < 2) {
            return none(
                    cores < ENOUGH ? "pinned to one of %d cores each would measure the pinning".formatted(cores) : "");
        }
        String first = "0-" + (cores / 2 - 1);
        String second = cores / 2 + "-" + (cores - 1);
        String self = Long.toString(ProcessHandle.current().pid());
        boolean isDone = runs("taskset", "-c", first, "true") && runs("taskset", "-a", "-c", "-p", second, self);
        return isDone
                ? new Pinning(List.of("taskset", "-c", first), "workers on cores " + first + ", all else on " + second)
                : none("taskset is not there, or may not");
    }

    private static Pinning none(String why) {
        return new Pinning(List.of(), "processes are not pinned to cores" + (why.isEmpty() ? "" : ": " + why));
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
