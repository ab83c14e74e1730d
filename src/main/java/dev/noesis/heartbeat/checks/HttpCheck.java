package dev.noesis.heartbeat.checks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.CheckConfig;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * Gets JSON from a URL, and finds each item of an array in it. It is the example of a check that does I/O.
 *
 * <p>What it reads is a stranger's: at most 1 MiB of it, and no redirect leads to another server, since the header that it
 * sends may be a secret. Neither the header nor the URL's path and query are shown.
 *
 * <p><b>Threading.</b> Blocks its caller, who ends it by an interrupt; any number of threads may look at once.
 */
public final class HttpCheck implements Check {
    static final int MAX_BYTES = 1024 * 1024;

    private static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String UNRESERVED = "-._~";

    private final CheckConfig.Http config;
    private final HttpClient client;
    private final JsonPointer items;
    private final JsonPointer id;
    private final JsonPointer summary;
    private final @Nullable JsonPointer source;

    /** @param client as {@link #client} makes it; its owner closes it */
    public HttpCheck(CheckConfig.Http config, HttpClient client) {
        this.config = config;
        this.client = client;
        this.items = JsonPointer.compile(config.items());
        this.id = JsonPointer.compile(config.id());
        this.summary = JsonPointer.compile(config.summary());
        this.source = config.source() == null ? null : JsonPointer.compile(config.source());
    }

    /** A client for any number of checks. It follows no redirect: {@link HttpCheck} sees where one leads. */
    public static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_LIMIT)
                .build();
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public Duration every() {
        return Objects.requireNonNullElse(config.every(), EVERY);
    }

    @Override
    public Duration timeout() {
        return Objects.requireNonNullElse(config.timeout(), TIMEOUT);
    }

    @Override
    public List<Found> look(View view) throws CheckException, InterruptedException {
        JsonNode array = get(url(view.agent())).at(items);
        if (!array.isArray()) {
            throw new CheckException(
                    config.items().isEmpty() ? "the answer is no array" : "there is no array at " + config.items());
        }
        List<Found> found = new ArrayList<>();
        for (JsonNode item : array) {
            found.add(found(item, "the item at " + found.size()));
        }
        return found;
    }

    // ---- the way there and back

    private URI url(String agent) throws CheckException {
        if (agent.chars().allMatch(c -> c == '.')) {
            // "." and ".." are no names in a path, and no encoding makes them some
            throw new CheckException("the agent's id cannot stand in a URL");
        }
        return URI.create(config.url().replace(CheckConfig.AGENT, percentEncoded(agent)));
    }

    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : text.getBytes(UTF_8)) {
            char c = (char) (each & 0xFF);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || UNRESERVED.indexOf(c) >= 0;
            if (plain) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return encoded.toString();
    }

    private JsonNode get(URI url) throws CheckException, InterruptedException {
        URI here = url;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<byte[]> response = send(here);
            if (!REDIRECTS.contains(response.statusCode())) {
                return json(response);
            }
            here = redirected(here, response);
        }
        throw new CheckException(server(url) + " redirects more than " + MAX_REDIRECTS + " times");
    }

    private HttpResponse<byte[]> send(URI url) throws CheckException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(timeout()).header("Accept", "application/json");
        CheckConfig.Header header = config.header();
        if (header != null) {
            request.header(header.name(), header.value().reveal());
        }
        try {
            return client.send(request.GET().build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        } catch (IOException e) {
            String why = e.getMessage();
            throw new CheckException(server(url) + " cannot be read: "
                    + (why == null || why.isBlank() ? e.getClass().getSimpleName() : why));
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws CheckException {
        String server = server(response.uri());
        if (response.statusCode() / 100 != 2) {
            throw new CheckException(server + " answered with status " + response.statusCode());
        }
        try {
            JsonNode tree = Json.tree(response.body());
            if (!tree.isMissingNode()) {
                return tree;
            }
        } catch (JacksonException e) {
            // its message would quote the answer
        }
        throw new CheckException(server + " answered what is not JSON, Content-Type "
                + Looks.first(response.headers().firstValue("Content-Type").orElse("none"), 100));
    }

    private static URI redirected(URI from, HttpResponse<?> response) throws CheckException {
        try {
            URI to = from.resolve(response.headers().firstValue("Location").orElse(""));
            if (server(to).equals(server(from))) {
                return to;
            }
            throw new CheckException(
                    server(from) + " redirects to another server, " + server(to) + ", which is not followed");
        } catch (IllegalArgumentException e) {
            throw new CheckException(server(from) + " redirects to what is no URL");
        }
    }

    /** All of a URL that is shown. */
    private static String server(URI url) {
        int port = url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
        return url.getScheme() + "://" + url.getHost() + ":" + port;
    }

    // ---- what it says

    private Found found(JsonNode item, String which) throws CheckException {
        String data = item.toString();
        return new Found(
                text(item, id, which),
                source == null || item.at(source).isMissingNode() ? name() : text(item, source, which),
                text(item, summary, which),
                urgency(item, which),
                needsAction(item, which),
                data.getBytes(UTF_8).length <= Looks.MAX_DATA_BYTES ? data : null);
    }

    private static String text(JsonNode item, JsonPointer at, String which) throws CheckException {
        JsonNode node = item.at(at);
        boolean hasText = node.isString() ? !node.asString().isBlank() : node.isNumber();
        if (!hasText) {
            throw new CheckException(which + " has neither text nor a number at '" + at + "'");
        }
        return node.asString();
    }

    private Urgency urgency(JsonNode item, String which) throws CheckException {
        if (!config.urgency().startsWith("/")) {
            return Urgency.of(config.urgency());
        }
        JsonNode node = item.at(config.urgency());
        if (isAbsent(node)) {
            return Urgency.NORMAL;
        }
        return switch (node.isString() ? node.asString() : "") {
            case "low" -> Urgency.LOW;
            case "normal" -> Urgency.NORMAL;
            case "high" -> Urgency.HIGH;
            default -> throw new CheckException(which + " has neither low, normal nor high at " + config.urgency());
        };
    }

    private boolean needsAction(JsonNode item, String which) throws CheckException {
        if (!config.needsAction().startsWith("/")) {
            return Boolean.parseBoolean(config.needsAction());
        }
        JsonNode node = item.at(config.needsAction());
        if (!isAbsent(node) && !node.isBoolean()) {
            throw new CheckException(which + " has neither true nor false at " + config.needsAction());
        }
        return node.isBoolean() && node.asBoolean();
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
