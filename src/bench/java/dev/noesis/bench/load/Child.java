package dev.noesis.bench.load;

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

/** A JVM of its own on this one's class path, and what it costs. What it prints goes to a file. */
final class Child implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(90);
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final String name;
    private final Process process;
    private final Path output;

    private Child(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a main class.
     *
     * @param jvmOptions before the class path
     * @param dir for what it prints
     */
    static Child start(String name, Path dir, List<String> jvmOptions, Class<?> main, List<String> args) {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        command.add("@" + System.getProperty("jvm.options"));
        command.add("-Dnoesis.log.level=WARN");
        command.add("-Dlogback.configurationFile=logback.xml");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Tether.class.getName(), main.getName()));
        command.addAll(args);
        Path output = dir.resolve(name + ".out");
        try {
            return new Child(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Waits for what it prints when it can be used. */
    Matcher awaitLine(Pattern line) throws InterruptedException {
        long limit = System.nanoTime() + READY.toNanos();
        while (process.isAlive() && System.nanoTime() < limit) {
            Matcher found = line.matcher(output());
            if (found.find()) {
                return found;
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException(name + " did not start: " + output());
    }

    /** What it has printed so far: nothing, where all is well. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalStateException if it has ended, with what it said */
    void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(name + " ended with " + process.exitValue() + ": " + output());
        }
    }

    /** User and system time since its start. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory, in bytes. */
    long rss() {
        try {
            Matcher line = RSS.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
            return line.find() ? Long.parseLong(line.group(1)) * 1024 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of the heap that are used after a collection, which this asks for. */
    long heapAfterGc() {
        jcmd("GC.run");
        Matcher used = HEAP_USED.matcher(jcmd("GC.heap_info"));
        return used.find() ? Long.parseLong(used.group(1)) * 1024 : 0;
    }

    private String jcmd(String command) {
        try {
            Process jcmd = new ProcessBuilder(tool("jcmd"), Long.toString(process.pid()), command)
                    .redirectErrorStream(true)
                    .start();
            try (var printed = jcmd.inputReader()) {
                return printed.readAllAsString();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks it to end, and kills it if it does not within 20 s. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    void kill() {
        process.destroyForcibly();
    }
}
