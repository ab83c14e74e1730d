package dev.noesis.it;

import static org.awaitility.Awaitility.await;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker as a process of its own, that can be put to sleep, and stopped and started again with its data and port. */
public final class BrokerProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("broker at 127\\.0\\.0\\.1:(\\d+)");

    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m");

    private final Path dir;
    private final List<String> jvmOptions;
    private Process process;
    private int port;
    private int starts;

    private BrokerProcess(Path dir, List<String> jvmOptions) throws IOException {
        this.dir = dir;
        this.jvmOptions = jvmOptions;
        this.process = launch();
    }

    /** Starts one on a free port, with its data in that directory. */
    static BrokerProcess start(Path dir) throws IOException {
        return start(dir, SMALL);
    }

    /** The same with these options of the JVM. */
    public static BrokerProcess start(Path dir, List<String> jvmOptions) throws IOException {
        BrokerProcess broker = new BrokerProcess(dir, jvmOptions);
        broker.awaitReady();
        return broker;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** As {@code kill} does, and waits for its end. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(READY.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the broker did not stop: " + output());
        }
    }

    /** Starts it again, on its data and its port. */
    void startAgain() throws IOException {
        process = launch();
        awaitReady();
    }

    /** Sends it a signal: {@code STOP} puts it to sleep, {@code CONT} wakes it. */
    void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new AssertionError("kill -" + name + " ended with " + exit);
        }
    }

    private Process launch() throws IOException {
        starts++;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Noesis.class.getName(),
                "broker",
                "--port",
                Integer.toString(port),
                "--data",
                dir.resolve("data").toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(outputFile().toFile())
                .start();
    }

    private void awaitReady() {
        await("the broker to be ready")
                .atMost(READY)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !process.isAlive() || address().isPresent());
        port = address().orElseThrow(() -> new AssertionError("the broker did not start: " + output()));
    }

    private Optional<Integer> address() {
        Matcher line = ADDRESS.matcher(output());
        return line.find() ? Optional.of(Integer.valueOf(line.group(1))) : Optional.empty();
    }

    private Path outputFile() {
        return dir.resolve("broker-" + starts + ".out");
    }

    private String output() {
        try {
            return Files.readString(outputFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
