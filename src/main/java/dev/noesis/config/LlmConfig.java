package dev.noesis.config;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One lane's model client.
 *
 * @param baseUrl scheme, host, port and optional path prefix of the provider; the API's path is appended
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
 * @param transport how the client gets to its provider
 * @param request what is said in each request beside the conversation
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
        TransportConfig transport,
        RequestConfig request) {

    static final String DEFAULT_MODEL = "claude-sonnet-5-5";

    /** How the key is sent. */
    public enum Auth implements Named {
        /** In the header {@code x-api-key}. */
        X_API_KEY("x-api-key"),
        /** In the header {@code Authorization}, after {@code Bearer}. */
        BEARER("bearer");

        private final String id;

        Auth(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }
    }

    static final Range MAX_TOKENS = new Range(1, 1_000_000);
    static final Range CONNECTIONS = new Range(1, 100_000);
    static final Range MAX_WAITERS = new Range(0, 1_000_000);
    static final Range TIMEOUT = new Range(1, 3_600_000);
    static final Range CALL_TIMEOUT = new Range(1, 86_400_000);
    static final Range CONNECTION_IDLE = new Range(1, 3_600_000);
    static final Range CONNECTION_LIFE = new Range(1, 86_400_000);
    static final Range MAX_ANSWER_BYTES = new Range(1, 8_388_608);
    static final Range EVENT_LOOPS = new Range(1, 256);

    /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
    public LlmConfig {
        Legal.BASE_URL.check(Keys.llm(Keys.BASE_URL), baseUrl.toString());
        Legal.API_VERSION.check(Keys.llm(Keys.API_VERSION), apiVersion);
        Legal.NOT_BLANK.check(Keys.llm(Keys.MODEL), model);
        models = List.copyOf(models);
        models.forEach(each -> Legal.NOT_BLANK.check(Keys.llm(Keys.MODELS), each));
        MAX_TOKENS.check(Keys.llm(Keys.MAX_TOKENS), maxTokens);
        CONNECTIONS.check(Keys.llm(Keys.CONNECTIONS), connections);
        MAX_WAITERS.check(Keys.llm(Keys.MAX_WAITERS), maxWaiters);
        TIMEOUT.check(Keys.llm(Keys.CONNECT_TIMEOUT), connectTimeout);
        TIMEOUT.check(Keys.llm(Keys.TLS_TIMEOUT), tlsTimeout);
        TIMEOUT.check(Keys.llm(Keys.ACQUIRE_TIMEOUT), acquireTimeout);
        TIMEOUT.check(Keys.llm(Keys.FIRST_BYTE_TIMEOUT), firstByteTimeout);
        TIMEOUT.check(Keys.llm(Keys.IDLE_TIMEOUT), idleTimeout);
        TIMEOUT.check(Keys.llm(Keys.PROGRESS_TIMEOUT), progressTimeout);
        if (callTimeout != null) {
            CALL_TIMEOUT.check(Keys.llm(Keys.CALL_TIMEOUT), callTimeout);
        }
        CONNECTION_IDLE.check(Keys.llm(Keys.CONNECTION_IDLE), connectionIdle);
        CONNECTION_LIFE.check(Keys.llm(Keys.CONNECTION_LIFE), connectionLife);
        MAX_ANSWER_BYTES.check(Keys.llm(Keys.MAX_ANSWER_BYTES), maxAnswerBytes);
        EVENT_LOOPS.check(Keys.llm(Keys.EVENT_LOOPS), eventLoops);
    }

    boolean isAtTheServerOf(LlmConfig other) {
        return request.provider() == other.request.provider() && baseUrl.equals(other.baseUrl);
    }

    /** The models that a request may name: the default one and the others that are allowed. */
    public Set<String> allowedModels() {
        Set<String> allowed = new HashSet<>(models);
        allowed.add(model);
        return Set.copyOf(allowed);
    }
}
