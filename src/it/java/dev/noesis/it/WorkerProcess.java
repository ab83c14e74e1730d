package dev.noesis.it;

import static org.awaitility.Awaitility.await;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker as a process of its own, that can be killed. What it prints goes to a file beside its state directory. */
public final class WorkerProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(90);
    private static final Pattern HTTP = Pattern.compile("tells how it is at (\\S+)");
    private static final List<String> SMALL = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m");

    private final Process process;
    private final Path output;

    private WorkerProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts {@code noesis worker} on this JVM's class path, and waits until it decides. */
    static WorkerProcess start(Map<String, String> settings) {
        WorkerProcess worker = launch(settings, SMALL);
        worker.awaitReady(READY);
        return worker;
    }

    /** Starts it with these options of the JVM, and waits for nothing. */
    public static WorkerProcess launch(Map<String, String> settings, List<String> jvmOptions) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Noesis.class.getName(), "worker"));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        Path output = Path.of(settings.get("state.dir") + "-" + System.nanoTime() + ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new WorkerProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it decides. */
    public void awaitReady(Duration limit) {
        try {
            await("the worker to be ready")
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !process.isAlive() || output().contains("is ready"));
        } catch (RuntimeException e) {
            close();
            throw new AssertionError("the worker is not ready: " + output(), e);
        }
        if (!process.isAlive()) {
            throw new AssertionError("the worker ended with " + process.exitValue() + ": " + output());
        }
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
        process.destroyForcibly().waitFor();
    }

    /** As {@code kill} does; the exit code. */
    public int stop(Duration limit) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the worker did not stop within " + limit + ": " + output());
        }
        return process.exitValue();
    }

    /** Sends it a signal: {@code STOP} puts it to sleep, {@code CONT} wakes it. */
    public void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new AssertionError("kill -" + name + " ended with " + exit);
        }
    }

    /** What it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it if it lives. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
