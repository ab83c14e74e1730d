package dev.noesis.it;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** A broker as a process of its own, that can be put to sleep, and stopped and started again with its data and port. */
public final class BrokerProcess implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("broker at 127\\.0\\.0\\.1:(\\d+)");

    private final Path dir;
    private final List<String> jvmOptions;
    private JavaProcess process;
    private int port;
    private int starts;

    private BrokerProcess(Path dir, List<String> jvmOptions) {
        this.dir = dir;
        this.jvmOptions = jvmOptions;
        this.process = launch();
    }

    /** Starts one on a free port, with its data in that directory. */
    static BrokerProcess start(Path dir) {
        return start(dir, JavaProcess.small(512));
    }

    /** The same with these options of the JVM. */
    public static BrokerProcess start(Path dir, List<String> jvmOptions) {
        BrokerProcess broker = new BrokerProcess(dir, jvmOptions);
        broker.awaitReady();
        return broker;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** As {@code kill} does, and waits for its end. */
    void stop() throws InterruptedException {
        process.stop(READY);
    }

    /** Starts it again, on its data and its port. */
    void startAgain() {
        process = launch();
        awaitReady();
    }

    /** Sends it a signal: {@code STOP} puts it to sleep, {@code CONT} wakes it. */
    void signal(String name) throws IOException, InterruptedException {
        process.signal(name);
    }

    private JavaProcess launch() {
        starts++;
        List<String> arguments = List.of(
                "broker",
                "--port",
                Integer.toString(port),
                "--data",
                dir.resolve("data").toString());
        return JavaProcess.start(new JavaProcess.Program(
                List.of(), jvmOptions, Noesis.class, arguments, dir.resolve("broker-" + starts + ".out")));
    }

    private void awaitReady() {
        port = Integer.parseInt(process.awaitOutput(ADDRESS, READY).group(1));
    }

    @Override
    public void close() {
        process.close();
    }
}
