package dev.noesis.bench.fleet;

import static org.awaitility.Awaitility.await;

import dev.noesis.cli.Noesis;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The scripted model server as a process of its own. */
public final class ModelProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("model server at (\\S+)");
    private static final Duration READY = Duration.ofSeconds(30);

    private final Process process;
    private final Path output;
    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ModelProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
        await("the model server")
                .atMost(READY)
                .until(() -> ADDRESS.matcher(text()).find());
        Matcher line = ADDRESS.matcher(text());
        if (!line.find()) {
            throw new IllegalStateException("the model server did not start: " + text());
        }
        this.url = URI.create(line.group(1));
    }

    static ModelProcess start(Path dir, String script) throws IOException {
        Path file = Files.writeString(dir.resolve("script.yaml"), script);
        Path output = dir.resolve("model.out");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Noesis.class.getName(),
                        "model",
                        "--port",
                        "0",
                        "--script",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            return new ModelProcess(process, output);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    public URI url() {
        return url;
    }

    /** Requests so far. */
    public long calls() {
        return stats().path("calls").asLong();
    }

    /** Requests that are being answered. */
    public long inFlight() {
        return stats().path("inFlight").asLong();
    }

    private JsonNode stats() {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/stats"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return Json.tree(
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String text() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        http.close();
    }
}
