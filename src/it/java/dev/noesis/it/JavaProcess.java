package dev.noesis.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of this JVM's class path as a process of its own. What it prints goes to a file.
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    /**
     * What to start.
     *
     * @param prefix a command that runs the rest, such as one that enters a namespace; empty for none
     * @param jvmOptions beside those that keep its output clean; {@link #small} for a process that should not take much
     * @param arguments of the program
     * @param output what it prints goes there, overwriting it
     */
    public record Program(
            List<String> prefix, List<String> jvmOptions, Class<?> main, List<String> arguments, Path output) {}

    private JavaProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Options for a process that shares its cores with many: no optimizing compiler, one collector thread, that much heap. */
    public static List<String> small(int heapMiB) {
        return List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-Xmx" + heapMiB + "m");
    }

    /** The same for one that lives long enough to be worth optimizing. */
    public static List<String> lasting(int heapMiB) {
        return List.of("-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xmx" + heapMiB + "m");
    }

    /** Starts it, and does not wait for anything. */
    public static JavaProcess start(Program program) {
        List<String> command = new ArrayList<>(program.prefix());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // what Noesis comes with, not what the tests say
                "-Dlogback.configurationFile=logback.xml"));
        command.addAll(program.jvmOptions());
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), program.main().getName()));
        command.addAll(program.arguments());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(program.output().toFile())
                    .start();
            return new JavaProcess(process, program.output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until it has printed that.
     *
     * @throws AssertionError with all it printed, if it ends before or takes longer; it is killed then
     */
    public Matcher awaitOutput(Pattern wanted, Duration limit) {
        try {
            await(wanted.pattern())
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !process.isAlive() || wanted.matcher(output()).find());
        } catch (RuntimeException e) {
            close();
            throw new AssertionError("waited for '" + wanted + "': " + output(), e);
        }
        Matcher found = wanted.matcher(output());
        if (!found.find()) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + output());
        }
        return found;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** As {@code kill -9} does, and waits for its end. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As {@code kill} does, and waits for its end; the exit code. */
    public int stop(Duration limit) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("it did not stop within " + limit + ": " + output());
        }
        return process.exitValue();
    }

    /** Waits for its end; the exit code. */
    public int awaitEnd() throws InterruptedException {
        return process.waitFor();
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
