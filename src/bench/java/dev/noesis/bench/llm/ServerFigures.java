package dev.noesis.bench.llm;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Asks the server what it did. */
final class ServerFigures {
    /**
     * Since its start.
     *
     * @param deltas sent by drips
     * @param skipped deltas of drips that were not sent because client or server was too far behind
     */
    record Figures(long deltas, long skipped, long cpuNanos) {}

    private static final int LIMIT_MS = 20_000;

    private final URI server;

    ServerFigures(URI server) {
        this.server = server;
    }

    Figures now() throws IOException {
        return get("/figures");
    }

    /** Ends all drips. */
    Figures end() throws IOException {
        return get("/end");
    }

    private Figures get(String path) throws IOException {
        var connection = (HttpURLConnection) server.resolve(path).toURL().openConnection();
        connection.setConnectTimeout(LIMIT_MS);
        connection.setReadTimeout(LIMIT_MS);
        try (var in = connection.getInputStream()) {
            String[] figures = new String(in.readAllBytes(), StandardCharsets.US_ASCII).split(" ", -1);
            return new Figures(Long.parseLong(figures[0]), Long.parseLong(figures[1]), Long.parseLong(figures[2]));
        }
    }
}
