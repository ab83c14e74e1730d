package dev.noesis.bench.fleet;

import dev.noesis.cli.Noesis;
import dev.noesis.it.JavaProcess;
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
import java.util.List;
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
    private volatile JavaProcess process;

    /** @param name of its files; another for each in that directory */
    static ModelProcess start(Path dir, String name, String script) throws IOException {
        return new ModelProcess(Files.writeString(dir.resolve(name + ".yaml"), script), dir.resolve(name + ".out"));
    }

    private ModelProcess(Path script, Path output) {
        this.script = script;
        this.output = output;
        this.process = launch(0);
        this.url = URI.create(process.awaitOutput(ADDRESS, READY).group(1));
    }

    private JavaProcess launch(int port) {
        return JavaProcess.start(new JavaProcess.Program(
                List.of(),
                JavaProcess.lasting(256),
                Noesis.class,
                List.of("model", "--port", Integer.toString(port), "--script", script.toString()),
                output));
    }

    /** Ends the process; connections are refused from then on. */
    public void goDown() throws InterruptedException {
        process.kill();
    }

    /** Starts the process again, at the same address. Returns when it answers. */
    public void comeUp() {
        process = launch(url.getPort());
        var _ = process.awaitOutput(ADDRESS, READY);
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

    @Override
    public void close() {
        process.close();
        http.close();
    }
}
