package dev.noesis.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.noesis.config.ConfigurationException;
import dev.noesis.config.HttpConfig;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /live}, {@code /ready} and {@code /metrics} to whoever can reach its port, by the JDK's own HTTP server.
 *
 * <p><b>Threading.</b> A virtual thread for each request; what it asks must be safe for any thread.
 */
final class HealthServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HealthServer.class);
    private static final String JSON = "application/json";
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;
    private final Health health;
    private final Supplier<String> metrics;

    private record Answer(int status, String type, byte[] body) {}

    private HealthServer(HttpServer server, Health health, Supplier<String> metrics) {
        this.server = server;
        this.health = health;
        this.metrics = metrics;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("noesis-http-", 0).factory());
    }

    /**
     * Listens, from when this returns.
     *
     * @param metrics gives the text of {@code /metrics}
     * @throws ConfigurationException if the address cannot be listened on
     */
    static HealthServer start(HttpConfig config, Health health, Supplier<String> metrics) {
        InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
        if (address.isUnresolved()) {
            throw new ConfigurationException("http.host: " + config.host() + " is no address and no known name");
        }
        HttpServer http;
        try {
            http = HttpServer.create(address, 0);
        } catch (BindException e) {
            throw new ConfigurationException("http.port: cannot listen on port " + config.port() + " of http.host "
                    + config.host() + " (" + e.getMessage()
                    + "); give each worker of a machine a port of its own, 0 for any that is free, or -1 for none");
        } catch (IOException e) {
            throw new ConfigurationException("http.host: cannot listen on " + config.host() + ": " + e);
        }
        HealthServer server = new HealthServer(http, health, metrics);
        http.createContext("/", server::handle);
        http.setExecutor(server.threads);
        http.start();
        return server;
    }

    /** Where it listens. */
    URI uri() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), answer.body().length);
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        try {
            return switch (path) {
                case "/live", "/ready", "/metrics" -> isRead(exchange) ? of(path) : notAllowed(exchange);
                default -> text(404, "only /live, /ready and /metrics are here");
            };
        } catch (RuntimeException e) {
            log.atError().addKeyValue("path", path).setCause(e).log("a request could not be answered");
            return text(500, "it could not be answered; the log says why");
        }
    }

    private static boolean isRead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("GET")
                || exchange.getRequestMethod().equals("HEAD");
    }

    private static Answer notAllowed(HttpExchange exchange) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        return text(405, "only GET and HEAD");
    }

    private Answer of(String path) {
        return switch (path) {
            case "/live" -> json(health.live());
            case "/ready" -> json(health.ready());
            default -> new Answer(200, PROMETHEUS_TEXT, metrics.get().getBytes(UTF_8));
        };
    }

    private static Answer json(Health.Report report) {
        return new Answer(report.good() ? 200 : 503, JSON, Json.write(report.json()));
    }

    private static Answer text(int status, String text) {
        return new Answer(status, "text/plain; charset=utf-8", (text + "\n").getBytes(UTF_8));
    }

    /** Cuts what is being answered. Closing twice is harmless. */
    @Override
    public void close() {
        try {
            server.stop(0);
        } finally {
            threads.shutdownNow();
        }
    }
}
