package dev.noesis.bench.load;

import dev.noesis.cli.Noesis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What every subject needs: a broker and a model server, a process each. */
record Backends(Child broker, String bootstrapServers, Child model, String modelUrl) {
    private static final Pattern BROKER_READY = Pattern.compile("broker at (\\S+),");
    private static final Pattern MODEL_READY = Pattern.compile("model server at (\\S+)\\s");

    /** 100 ms to the first of 20 words, 10 words a second: 2 s to the last. */
    private static final String SCRIPT = """
            rules:
              - answer: "a b c d e f g h i j k l m n o p q r s t"
                latency: 100ms
                tokensPerSecond: 10
            """;

    static Backends start(Processes processes) throws IOException, InterruptedException {
        Path dir = processes.dir();
        Path script = Files.writeString(dir.resolve("script.yaml"), SCRIPT);
        Child broker = processes.start(
                "broker",
                List.of("-Xmx1g"),
                Noesis.class,
                List.of("broker", "--port", "0", "--data", dir.resolve("broker").toString()));
        Child model = processes.start(
                "model",
                List.of("-Xmx512m"),
                Noesis.class,
                List.of("model", "--port", "0", "--script", script.toString()));
        return new Backends(
                broker,
                broker.awaitLine(BROKER_READY).group(1),
                model,
                model.awaitLine(MODEL_READY).group(1));
    }
}
