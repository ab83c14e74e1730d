package dev.noesis.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One lane's model client.
 *
 * @param baseUrl scheme, host, port and optional path prefix of the provider; {@code /v1/messages} is appended
 * @param apiKey null where the server wants none
 * @param apiVersion the {@code anthropic-version} header
 * @param model used where a request names none
 * @param models which models a request may name; the default one is always allowed
 * @param maxTokens most tokens of one answer where the request says nothing
 * @param connections most connections, and so most calls, at a time
 * @param maxWaiters most calls that may wait for a connection
 * @param firstByteTimeout from the request's last byte to the response's first
 * @param idleTimeout longest silence within a response
 * @param progressTimeout longest time within a response in which nothing but pings came
 * @param callTimeout limit of a whole call; null: max(10 min, min(1 h, 60 min × max tokens ÷ 128,000))
 * @param connectionIdle how long an unused connection is kept
 * @param connectionLife how long a connection is used at all; jittered by ±20 %
 * @param maxAnswerBytes most bytes of an answer's gathered content
 * @param eventLoops threads of the client's event-loop group
 * @param trustStore PEM file of certificates to trust instead of the platform's; null for the platform's
 */
public record LlmConfig(
        URI baseUrl,
        @Nullable Secret apiKey,
        Auth auth,
        String apiVersion,
        String model,
        List<String> models,
        int maxTokens,
        int connections,
        int maxWaiters,
        Duration connectTimeout,
        Duration tlsTimeout,
        Duration acquireTimeout,
        Duration firstByteTimeout,
        Duration idleTimeout,
        Duration progressTimeout,
        @Nullable Duration callTimeout,
        Duration connectionIdle,
        Duration connectionLife,
        int maxAnswerBytes,
        int eventLoops,
        @Nullable Path trustStore) {

    /** How the key is sent. */
    public enum Auth {
        X_API_KEY,
        BEARER
    }

    public LlmConfig {
        models = List.copyOf(models);
    }

    /** The models that a request may name: the default one and the others that are allowed. */
    public Set<String> allowedModels() {
        Set<String> allowed = new HashSet<>(models);
        allowed.add(model);
        return Set.copyOf(allowed);
    }
}
