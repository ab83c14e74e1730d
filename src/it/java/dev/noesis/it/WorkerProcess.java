package dev.noesis.it;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker as a process of its own, that can be killed. What it prints goes to a file beside its state directory. */
public final class WorkerProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("is ready");
    private static final Pattern HTTP = Pattern.compile("tells how it is at (\\S+)");

    private final JavaProcess process;

    private WorkerProcess(JavaProcess process) {
        this.process = process;
    }

    /** Starts {@code noesis worker} on this JVM's class path, and waits until it decides. */
    static WorkerProcess start(Map<String, String> settings) {
        WorkerProcess worker = launch(settings, JavaProcess.small(256));
        worker.awaitReady(LIMIT);
        return worker;
    }

    /** Starts it with these options of the JVM, and waits for nothing. */
    public static WorkerProcess launch(Map<String, String> settings, List<String> jvmOptions) {
        return launch(settings, List.of(), jvmOptions);
    }

    /** The same behind a prefix, as {@link JavaProcess.Program} has it. */
    public static WorkerProcess launch(Map<String, String> settings, List<String> prefix, List<String> jvmOptions) {
        List<String> arguments = new ArrayList<>(List.of("worker"));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        Path output = Path.of(settings.get("state.dir") + "-" + System.nanoTime() + ".out");
        return new WorkerProcess(
                JavaProcess.start(new JavaProcess.Program(prefix, jvmOptions, Noesis.class, arguments, output)));
    }

    /** Waits until it decides. */
    public void awaitReady(Duration limit) {
        process.awaitOutput(READY, limit);
    }

    public long pid() {
        return process.pid();
    }

    /** Where it serves its metrics. Known once it is ready, where {@code http.port} is not -1. */
    public URI http() {
        Matcher line = HTTP.matcher(output());
        if (!line.find()) {
            throw new AssertionError("the worker serves nothing: " + output());
        }
        return URI.create(line.group(1));
    }

    /** As {@code kill -9} does. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    /** As {@code kill} does; the exit code. */
    public int stop(Duration limit) throws InterruptedException {
        return process.stop(limit);
    }

    /** Sends it a signal: {@code STOP} puts it to sleep, {@code CONT} wakes it. */
    public void signal(String name) throws IOException, InterruptedException {
        process.signal(name);
    }

    /** What it has printed so far. */
    public String output() {
        return process.output();
    }

    /** Kills it if it lives. */
    @Override
    public void close() {
        process.close();
    }
}
