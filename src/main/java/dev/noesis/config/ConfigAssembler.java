package dev.noesis.config;

import dev.noesis.config.ConfigSources.Setting;
import dev.noesis.model.Lane;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Makes the records of values that were parsed and found legal, each on its own. */
final class ConfigAssembler {
    /** Still the heartbeat's own where it borrows the chat lane's client: they go with each call. */
    private static final Set<String> SENT_WITH_EACH_CALL =
            Set.of(Keys.ISOLATION, heartbeat(Keys.MODEL), heartbeat(Keys.MODELS), heartbeat(Keys.MAX_TOKENS));

    /** The defaults suffice: a schema is only checked to be an object, and sent as it was written. */
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, Object> values;
    private final Map<String, Setting> settings;
    private final List<String> problems;
    private final ClientKeys common;

    /**
     * @param values by key, those that are set or have a default
     * @param settings as they were given, for messages and for what stands over what
     * @param problems to which what is found wrong is added
     */
    ConfigAssembler(Map<String, Object> values, Map<String, Setting> settings, List<String> problems) {
        this.values = values;
        this.settings = settings;
        this.problems = problems;
        this.common = ClientKeys.common(values);
    }

    /**
     * @param passedThrough properties for Kafka's clients
     * @throws IllegalArgumentException if values that are legal on their own contradict each other
     */
    NoesisConfig assemble(Map<String, String> passedThrough) {
        var kafka = new HashMap<>(passedThrough);
        kafka.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, text(Keys.BOOTSTRAP_SERVERS));
        var isolation = HeartbeatConfig.Isolation.valueOf(text(Keys.ISOLATION).toUpperCase(Locale.ROOT));
        if (isolation == HeartbeatConfig.Isolation.SHARED) {
            refuseSettingsOfAClientThatIsNotMade();
        }
        ClientKeys chat = common.of(Lane.CHAT);
        // what is borrowed is described where its owner is
        ClientKeys heartbeat = (isolation == HeartbeatConfig.Isolation.SHARED ? chat : common).of(Lane.HEARTBEAT);
        return new NoesisConfig(
                kafka,
                text(Keys.DEPLOYMENT),
                number(Keys.PARTITIONS),
                number(Keys.REPLICATION_FACTOR),
                Path.of(text(Keys.STATE_DIR)),
                textOrNull(Keys.INSTANCE_ID),
                new StoreConfig(bytes(Keys.STORE_MEMORY), bytes(Keys.STORE_WRITE_BUFFERS)),
                lanes(),
                new HttpConfig(text(Keys.HTTP_HOST), number(Keys.HTTP_PORT)),
                run(),
                lane(Lane.CHAT, chat),
                lane(Lane.HEARTBEAT, heartbeat),
                new HeartbeatConfig(
                        millis(Keys.STALE),
                        number(Keys.MAX_SIGNALS),
                        number(Keys.MAX_BEATS),
                        number(Keys.DIGEST_HOUR),
                        text(Keys.TUNER).equals("on"),
                        isolation,
                        new CheckAssembler(this).assemble(Legal.split(text(Keys.CHECKS)))));
    }

    private Set<Lane> lanes() {
        var lanes = EnumSet.noneOf(Lane.class);
        Legal.split(text(Keys.LANES)).forEach(id -> lanes.add(Lane.of(id)));
        return lanes;
    }

    private RunConfig run() {
        String prompt = values.containsKey(Keys.SYSTEM_PROMPT) ? contentOf(Keys.SYSTEM_PROMPT) : null;
        return new RunConfig(
                number(Keys.MAX_STEPS),
                millis(Keys.DEADLINE),
                number(Keys.MAX_ATTEMPTS),
                number(Keys.CONTEXT_MAX_TOKENS),
                prompt == null ? RunConfig.DEFAULT_SYSTEM_PROMPT : prompt,
                millis(Keys.TOOL_TIMEOUT),
                millis(Keys.REMEMBER),
                millis(Keys.EVENTS_INTERVAL));
    }

    private LaneConfig lane(Lane lane, ClientKeys keys) {
        int maxInFlight = number(Keys.of(lane, Keys.MAX_IN_FLIGHT));
        boolean queues = lane == Lane.CHAT;
        return new LaneConfig(
                lane,
                maxInFlight,
                queues ? number(Keys.of(lane, Keys.MAX_IN_FLIGHT_PER_AGENT)) : 1,
                queues ? number(Keys.of(lane, Keys.MAX_QUEUED_PER_AGENT)) : 1,
                queues ? number(Keys.of(lane, Keys.MAX_QUEUED)) : 1,
                millis(Keys.DRAIN),
                targets(keys, maxInFlight));
    }

    private List<LlmTarget> targets(ClientKeys lane, int maxInFlight) {
        var targets = new ArrayList<LlmTarget>();
        targets.add(new LlmTarget(LlmTarget.PRIMARY, llm(lane, maxInFlight)));
        for (String name : Legal.split(text(lane.key(Keys.FALLBACKS)))) {
            ClientKeys its = lane.ofFallback(name);
            if (!values.containsKey(Keys.fallback(name, Keys.MODEL))) {
                problem(Keys.fallback(name, Keys.MODEL) + " must be set: " + lane.key(Keys.FALLBACKS) + " names "
                        + name);
                continue;
            }
            try {
                targets.add(new LlmTarget(name, llm(its, maxInFlight)));
            } catch (IllegalArgumentException e) {
                problem("of the fallback " + name + ": " + e.getMessage());
            }
        }
        return targets;
    }

    private LlmConfig llm(ClientKeys of, int maxInFlight) {
        var provider = Named.of(RequestConfig.Provider.class, text(of.key(Keys.PROVIDER)));
        String auth = textOrNull(of.key(Keys.AUTH));
        String connections = of.key(Keys.CONNECTIONS);
        String callTimeout = of.key(Keys.CALL_TIMEOUT);
        return new LlmConfig(
                URI.create(textOr(of.key(Keys.BASE_URL), provider.baseUrl())),
                apiKey(of),
                auth == null ? provider.auth() : Named.of(LlmConfig.Auth.class, auth),
                text(of.key(Keys.API_VERSION)),
                model(of, provider),
                list(of.key(Keys.MODELS)),
                maxTokens(of),
                values.containsKey(connections) ? number(connections) : maxInFlight,
                number(of.key(Keys.MAX_WAITERS)),
                millis(of.key(Keys.CONNECT_TIMEOUT)),
                millis(of.key(Keys.TLS_TIMEOUT)),
                millis(of.key(Keys.ACQUIRE_TIMEOUT)),
                millis(of.key(Keys.FIRST_BYTE_TIMEOUT)),
                millis(of.key(Keys.IDLE_TIMEOUT)),
                millis(of.key(Keys.PROGRESS_TIMEOUT)),
                values.containsKey(callTimeout) ? millis(callTimeout) : null,
                millis(of.key(Keys.CONNECTION_IDLE)),
                millis(of.key(Keys.CONNECTION_LIFE)),
                number(of.key(Keys.MAX_ANSWER_BYTES)),
                number(of.key(Keys.EVENT_LOOPS)),
                new TransportAssembler(this, of).assemble(),
                request(of, provider));
    }

    /** A fallback that says nothing sets no limit. */
    private int maxTokens(ClientKeys of) {
        String key = of.key(Keys.MAX_TOKENS);
        return values.containsKey(key) ? number(key) : (int) LlmConfig.MAX_TOKENS.max();
    }

    private String model(ClientKeys of, RequestConfig.Provider provider) {
        String key = of.key(Keys.MODEL);
        if (provider != RequestConfig.Provider.ANTHROPIC && !values.containsKey(key)) {
            problem(key + " must be set: llm.provider=" + provider.id() + " has no model that every server knows");
        }
        return textOr(key, LlmConfig.DEFAULT_MODEL);
    }

    private RequestConfig request(ClientKeys of, RequestConfig.Provider provider) {
        String thinking = textOrNull(of.key(Keys.THINKING));
        String topK = of.key(Keys.TOP_K);
        return new RequestConfig(
                provider,
                textOrNull(of.key(Keys.PATH)),
                list(of.key(Keys.BETA)),
                truth(of.key(Keys.PARALLEL_TOOLS)),
                list(of.key(Keys.STOP_SEQUENCES)),
                thinking == null ? null : Named.of(RequestConfig.Thinking.class, thinking),
                number(of.key(Keys.THINKING_BUDGET)),
                textOrNull(of.key(Keys.EFFORT)),
                outputSchema(of.key(Keys.OUTPUT_SCHEMA)),
                textOrNull(of.key(Keys.SERVICE_TIER)),
                textOrNull(of.key(Keys.USER_ID)),
                decimalOrNull(of.key(Keys.TEMPERATURE)),
                decimalOrNull(of.key(Keys.TOP_P)),
                values.containsKey(topK) ? number(topK) : null,
                Named.of(RequestConfig.Cache.class, text(of.key(Keys.CACHE))),
                number(of.key(Keys.CACHE_MIN_TOKENS)),
                Named.of(RequestConfig.MaxTokensField.class, text(of.key(Keys.MAX_TOKENS_FIELD))),
                truth(of.key(Keys.RETURN_REASONING)));
    }

    private @Nullable String outputSchema(String key) {
        String schema = values.containsKey(key) ? contentOf(key) : null;
        if (schema != null && !isObject(schema)) {
            problem(key + " " + where(key) + " names the file " + text(key) + ", which holds no JSON object");
            return null;
        }
        return schema == null ? null : schema.strip();
    }

    private static boolean isObject(String text) {
        try {
            return JSON.readTree(text).isObject();
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Its own, else that of whom it takes the rest from; but a key that is sent to the wrong server is no secret any more. */
    private @Nullable Secret apiKey(ClientKeys of) {
        Secret own = apiKey(of.own(Keys.API_KEY), of.own(Keys.API_KEY_FILE));
        ClientKeys base = of.base();
        return own != null || base == null || of.isOfAnotherServer() ? own : apiKey(base);
    }

    /** Of the key and the file that holds it, the one given with more intent; two of one source contradict each other. */
    private @Nullable Secret apiKey(String key, String fileKey) {
        boolean direct = values.containsKey(key);
        boolean inFile = values.containsKey(fileKey);
        if (direct && inFile && rank(key) == rank(fileKey)) {
            problem(key + " and " + fileKey + " are both set " + where(key) + "; one of them is enough");
            return null;
        }
        if (direct && !(inFile && rank(fileKey) > rank(key))) {
            return secretOrNull(key);
        }
        String content = inFile ? contentOf(fileKey) : null;
        return content == null ? null : secret(fileKey, content.strip());
    }

    @Nullable
    Secret secretOrNull(String key) {
        String value = passwordOrNull(key);
        return value == null ? null : secret(key, value);
    }

    @Nullable
    String passwordOrNull(String key) {
        return values.containsKey(key) ? ((Password) value(key)).value() : null;
    }

    /** Null, and a problem noted, where it can be none. */
    @Nullable
    Secret secret(String key, String value) {
        try {
            return new Secret(value);
        } catch (IllegalArgumentException e) {
            problem(key + " " + where(key) + ": " + e.getMessage());
            return null;
        }
    }

    /** What stands in the file that a key names; null, and a problem noted, where it cannot be read. */
    private @Nullable String contentOf(String key) {
        try {
            return Files.readString(Path.of(text(key)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            problem(key + " " + where(key) + " names the file " + text(key) + ", which cannot be read as UTF-8");
            return null;
        }
    }

    private void refuseSettingsOfAClientThatIsNotMade() {
        settings.keySet().stream()
                .filter(key -> key.startsWith(heartbeat("")) && !SENT_WITH_EACH_CALL.contains(key))
                .forEach(
                        key -> problem(
                                key + " " + where(key)
                                        + " would do nothing: with heartbeat.llm.isolation=shared the lane has no model client of its own"));
    }

    private static String heartbeat(String suffix) {
        return Keys.llm(Lane.HEARTBEAT, suffix);
    }

    void problem(String sentence) {
        // both lanes read the common keys, and one complaint is enough
        if (!problems.contains(sentence)) {
            problems.add(sentence);
        }
    }

    String where(String key) {
        Setting setting = settings.get(key);
        return setting == null ? "(default)" : setting.where();
    }

    private int rank(String key) {
        Setting setting = settings.get(key);
        return setting == null ? -1 : setting.rank();
    }

    private Object value(String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    String text(String key) {
        return (String) value(key);
    }

    @Nullable
    String textOrNull(String key) {
        return values.containsKey(key) ? text(key) : null;
    }

    private String textOr(String key, String otherwise) {
        return values.containsKey(key) ? text(key) : otherwise;
    }

    private @Nullable Double decimalOrNull(String key) {
        return values.containsKey(key) ? Double.valueOf(text(key)) : null;
    }

    private boolean truth(String key) {
        return (Boolean) value(key);
    }

    private int number(String key) {
        return (Integer) value(key);
    }

    private long bytes(String key) {
        return (Long) value(key);
    }

    private Duration millis(String key) {
        return Duration.ofMillis((Long) value(key));
    }

    @Nullable
    Duration millisOrNull(String key) {
        return values.containsKey(key) ? millis(key) : null;
    }

    private List<String> list(String key) {
        // a lane's own list has no default
        return ((List<?>) values.getOrDefault(key, List.of()))
                .stream().map(String::valueOf).toList();
    }
}
