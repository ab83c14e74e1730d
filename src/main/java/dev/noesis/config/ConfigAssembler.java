package dev.noesis.config;

import dev.noesis.config.ConfigSources.Setting;
import dev.noesis.model.Lane;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    /** What makes sense to one provider only; of the keys, {@link #apiKey(Lane)} takes care. */
    private static final Set<String> OF_ONE_PROVIDER =
            Set.of(Keys.BASE_URL, Keys.PATH, Keys.AUTH, Keys.MODEL, Keys.MODELS);

    /** The defaults suffice: a schema is only checked to be an object, and sent as it was written. */
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, Object> values;
    private final Map<String, Setting> settings;
    private final List<String> problems;

    /**
     * @param values by key, those that are set or have a default
     * @param settings as they were given, for messages and for what stands over what
     * @param problems to which what is found wrong is added
     */
    ConfigAssembler(Map<String, Object> values, Map<String, Setting> settings, List<String> problems) {
        this.values = values;
        this.settings = settings;
        this.problems = problems;
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
                lane(Lane.CHAT),
                lane(Lane.HEARTBEAT),
                new HeartbeatConfig(millis(Keys.STALE), number(Keys.MAX_SIGNALS), number(Keys.MAX_BEATS), isolation));
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

    private LaneConfig lane(Lane lane) {
        int maxInFlight = number(Keys.of(lane, Keys.MAX_IN_FLIGHT));
        boolean queues = lane == Lane.CHAT;
        return new LaneConfig(
                lane,
                maxInFlight,
                queues ? number(Keys.of(lane, Keys.MAX_IN_FLIGHT_PER_AGENT)) : 1,
                queues ? number(Keys.of(lane, Keys.MAX_QUEUED_PER_AGENT)) : 1,
                queues ? number(Keys.of(lane, Keys.MAX_QUEUED)) : 1,
                millis(Keys.DRAIN),
                llm(lane, maxInFlight));
    }

    private LlmConfig llm(Lane lane, int maxInFlight) {
        var provider = Named.of(RequestConfig.Provider.class, text(llmKey(lane, Keys.PROVIDER)));
        String auth = textOrNull(llmKey(lane, Keys.AUTH));
        String connections = llmKey(lane, Keys.CONNECTIONS);
        String callTimeout = llmKey(lane, Keys.CALL_TIMEOUT);
        return new LlmConfig(
                URI.create(textOr(llmKey(lane, Keys.BASE_URL), provider.baseUrl())),
                apiKey(lane),
                auth == null ? provider.auth() : Named.of(LlmConfig.Auth.class, auth),
                text(llmKey(lane, Keys.API_VERSION)),
                model(lane, provider),
                list(llmKey(lane, Keys.MODELS)),
                number(llmKey(lane, Keys.MAX_TOKENS)),
                values.containsKey(connections) ? number(connections) : maxInFlight,
                number(llmKey(lane, Keys.MAX_WAITERS)),
                millis(llmKey(lane, Keys.CONNECT_TIMEOUT)),
                millis(llmKey(lane, Keys.TLS_TIMEOUT)),
                millis(llmKey(lane, Keys.ACQUIRE_TIMEOUT)),
                millis(llmKey(lane, Keys.FIRST_BYTE_TIMEOUT)),
                millis(llmKey(lane, Keys.IDLE_TIMEOUT)),
                millis(llmKey(lane, Keys.PROGRESS_TIMEOUT)),
                values.containsKey(callTimeout) ? millis(callTimeout) : null,
                millis(llmKey(lane, Keys.CONNECTION_IDLE)),
                millis(llmKey(lane, Keys.CONNECTION_LIFE)),
                number(llmKey(lane, Keys.MAX_ANSWER_BYTES)),
                number(llmKey(lane, Keys.EVENT_LOOPS)),
                new TransportAssembler(this, lane).assemble(),
                request(lane, provider));
    }

    private String model(Lane lane, RequestConfig.Provider provider) {
        String key = llmKey(lane, Keys.MODEL);
        if (provider != RequestConfig.Provider.ANTHROPIC && !values.containsKey(key)) {
            problem(key + " must be set: llm.provider=" + provider.id() + " has no model that every server knows");
        }
        return textOr(key, LlmConfig.DEFAULT_MODEL);
    }

    private RequestConfig request(Lane lane, RequestConfig.Provider provider) {
        String thinking = textOrNull(llmKey(lane, Keys.THINKING));
        String topK = llmKey(lane, Keys.TOP_K);
        return new RequestConfig(
                provider,
                textOrNull(llmKey(lane, Keys.PATH)),
                list(llmKey(lane, Keys.BETA)),
                truth(llmKey(lane, Keys.PARALLEL_TOOLS)),
                list(llmKey(lane, Keys.STOP_SEQUENCES)),
                thinking == null ? null : Named.of(RequestConfig.Thinking.class, thinking),
                number(llmKey(lane, Keys.THINKING_BUDGET)),
                textOrNull(llmKey(lane, Keys.EFFORT)),
                outputSchema(llmKey(lane, Keys.OUTPUT_SCHEMA)),
                textOrNull(llmKey(lane, Keys.SERVICE_TIER)),
                textOrNull(llmKey(lane, Keys.USER_ID)),
                decimalOrNull(llmKey(lane, Keys.TEMPERATURE)),
                decimalOrNull(llmKey(lane, Keys.TOP_P)),
                values.containsKey(topK) ? number(topK) : null,
                Named.of(RequestConfig.Cache.class, text(llmKey(lane, Keys.CACHE))),
                number(llmKey(lane, Keys.CACHE_MIN_TOKENS)),
                Named.of(RequestConfig.MaxTokensField.class, text(llmKey(lane, Keys.MAX_TOKENS_FIELD))),
                truth(llmKey(lane, Keys.RETURN_REASONING)));
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

    /**
     * The lane's own key where it is set, else that of both lanes; but never another provider's address, key or model, for a
     * key that is sent to the wrong provider is no secret any more.
     */
    String llmKey(Lane lane, String suffix) {
        String own = Keys.llm(lane, suffix);
        boolean takesOwn = values.containsKey(own) || (OF_ONE_PROVIDER.contains(suffix) && hasOtherProvider(lane));
        return takesOwn ? own : Keys.llm(suffix);
    }

    private boolean hasOtherProvider(Lane lane) {
        String own = Keys.llm(lane, Keys.PROVIDER);
        return values.containsKey(own) && !text(own).equals(text(Keys.llm(Keys.PROVIDER)));
    }

    private @Nullable Secret apiKey(Lane lane) {
        Secret own = apiKey(Keys.llm(lane, Keys.API_KEY), Keys.llm(lane, Keys.API_KEY_FILE));
        return own != null || hasOtherProvider(lane)
                ? own
                : apiKey(Keys.llm(Keys.API_KEY), Keys.llm(Keys.API_KEY_FILE));
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

    private List<String> list(String key) {
        // a lane's own list has no default
        return ((List<?>) values.getOrDefault(key, List.of()))
                .stream().map(String::valueOf).toList();
    }
}
