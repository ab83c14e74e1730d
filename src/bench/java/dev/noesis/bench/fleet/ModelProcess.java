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
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The scripted model server as a process of its own.
 *
 * <p><b>Threading.</b> One thread at a time; {@link #close} from any.
 */
public final class ModelProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("model server at (\\S+)");
    private static final Duration READY = Duration.ofSeconds(30);

    private final Path script;
    private final Path output;
    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile Process process;

    /** @param name of its files; another for each in that directory */
    static ModelProcess start(Path dir, String name, String script) throws IOException {
        return new ModelProcess(Files.writeString(dir.resolve(name + ".yaml"), script), dir.resolve(name + ".out"));
    }

    private ModelProcess(Path script, Path output) throws IOException {
        this.script = script;
        this.output = output;
        this.process = launch(0);
        this.url = awaitReady();
    }

    private Process launch(int port) throws IOException {
        return new ProcessBuilder(
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
                        Integer.toString(port),
                        "--script",
                        script.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private URI awaitReady() {
        try {
            await("the model server")
                    .atMost(READY)
                    .until(() -> ADDRESS.matcher(text()).find());
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw new IllegalStateException("the model server did not start: " + text(), e);
        }
        return ADDRESS.matcher(text())
                .results()
                .map(line -> URI.create(line.group(1)))
                .findFirst()
                .orElseThrow();
    }

    /** Ends the process; connections are refused from then on. */
    public void goDown() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts the process again, at the same address. Returns when it answers. */
    public void comeUp() throws IOException {
        process = launch(url.getPort());
        var _ = awaitReady();
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
