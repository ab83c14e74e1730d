package dev.noesis.it;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A worker as a process of its own, that can be killed. What it prints goes to a file beside its state directory. */
final class WorkerProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("is ready");

    private final JavaProcess process;

    private WorkerProcess(JavaProcess process) {
        this.process = process;
    }

    /** Starts {@code noesis worker} on this JVM's class path, and waits until it decides. */
    static WorkerProcess start(Map<String, String> settings) {
        List<String> arguments = new ArrayList<>(List.of("worker"));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        Path output = Path.of(settings.get("state.dir") + "-" + System.nanoTime() + ".out");
        JavaProcess process =
                JavaProcess.start(new JavaProcess.Program(List.of(), 256, Noesis.class, arguments, output));
        process.awaitOutput(READY, LIMIT);
        return new WorkerProcess(process);
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.kill();
    }

    /** As {@code kill} does; the exit code. */
    int stop(Duration limit) throws InterruptedException {
        return process.stop(limit);
    }

    /** Sends it a signal: {@code STOP} puts it to sleep, {@code CONT} wakes it. */
    void signal(String name) throws IOException, InterruptedException {
        process.signal(name);
    }

    /** What it has printed so far. */
    String output() {
        return process.output();
    }

    /** Kills it if it lives. */
    @Override
    public void close() {
        process.close();
    }
}
