package dev.noesis.config;

import dev.noesis.model.Lane;

/** The names of the keys. Those of a lane or a model client are suffixes, put behind {@code chat.}, {@code llm.} and so on. */
final class Keys {
    static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
    static final String DEPLOYMENT = "deployment";
    /** Before any property of a Kafka client. */
    static final String KAFKA = "kafka.";

    static final String LANES = "lanes";
    static final String STATE_DIR = "state.dir";
    static final String INSTANCE_ID = "instance.id";
    static final String STORE_MEMORY = "store.memory.bytes";
    static final String STORE_WRITE_BUFFERS = "store.write.buffers.bytes";
    static final String DRAIN = "drain.ms";
    static final String HTTP_HOST = "http.host";
    static final String HTTP_PORT = "http.port";
    static final String PARTITIONS = "topics.partitions";
    static final String REPLICATION_FACTOR = "topics.replication.factor";

    static final String MAX_STEPS = "run.max.steps";
    static final String DEADLINE = "run.deadline.ms";
    static final String MAX_ATTEMPTS = "run.max.attempts";
    static final String REMEMBER = "run.remember.ms";
    static final String CONTEXT_MAX_TOKENS = "context.max.tokens";
    static final String SYSTEM_PROMPT = "prompt.system";
    static final String TOOL_TIMEOUT = "tool.timeout.ms";
    static final String EVENTS_INTERVAL = "events.interval.ms";

    static final String MAX_IN_FLIGHT = "max.in.flight";
    static final String MAX_IN_FLIGHT_PER_AGENT = "max.in.flight.per.agent";
    static final String MAX_QUEUED_PER_AGENT = "max.queued.per.agent";
    static final String MAX_QUEUED = "max.queued";

    static final String STALE = "heartbeat.stale.ms";
    static final String MAX_SIGNALS = "heartbeat.max.signals";
    static final String DIGEST_HOUR = "heartbeat.digest.hour";
    static final String TUNER = "heartbeat.tuner";
    static final String MAX_BEATS = "heartbeat.max.beats.per.second";
    static final String ISOLATION = "heartbeat.llm.isolation";

    static final String CHECKS = "heartbeat.checks";

    /** Before the name of a check, which a dot and a key of it follow. */
    static final String CHECK = "heartbeat.check.";

    static final String EVERY = "every.ms";
    static final String TIMEOUT = "timeout.ms";
    static final String URL = "url";
    static final String HEADER = "header";
    static final String ITEMS = "items";
    static final String ID = "id";
    static final String SUMMARY = "summary";
    static final String SOURCE = "source";
    static final String URGENCY = "urgency";
    static final String NEEDS_ACTION = "needs.action";

    /** Before the name of a fallback, which a dot and a key of its client follow. */
    static final String FALLBACK = "llm.fallback.";

    /** Before a key of both lanes' model clients; before it may stand a lane's name and a dot. */
    static final String LLM = "llm.";

    static final String PROVIDER = "provider";
    static final String BASE_URL = "base.url";
    static final String PATH = "path";
    static final String API_KEY = "api.key";
    static final String API_KEY_FILE = "api.key.file";
    static final String AUTH = "auth";
    static final String API_VERSION = "version";
    static final String MODEL = "model";
    static final String MODELS = "models";
    static final String FALLBACKS = "fallbacks";
    static final String MAX_TOKENS = "max.tokens";
    static final String BETA = "beta";
    static final String PARALLEL_TOOLS = "tools.parallel";
    static final String STOP_SEQUENCES = "stop.sequences";
    static final String THINKING = "thinking";
    static final String THINKING_BUDGET = "thinking.budget.tokens";
    static final String EFFORT = "effort";
    static final String OUTPUT_SCHEMA = "output.schema";
    static final String SERVICE_TIER = "service.tier";
    static final String USER_ID = "user.id";
    static final String TEMPERATURE = "temperature";
    static final String TOP_P = "top.p";
    static final String TOP_K = "top.k";
    static final String CACHE = "cache";
    static final String CACHE_MIN_TOKENS = "cache.min.tokens";
    static final String MAX_TOKENS_FIELD = "max.tokens.field";
    static final String RETURN_REASONING = "reasoning.return";
    static final String CONNECTIONS = "connections";
    static final String MAX_WAITERS = "max.waiters";
    static final String CONNECT_TIMEOUT = "connect.timeout.ms";
    static final String TLS_TIMEOUT = "tls.timeout.ms";
    static final String ACQUIRE_TIMEOUT = "acquire.timeout.ms";
    static final String FIRST_BYTE_TIMEOUT = "first.byte.timeout.ms";
    static final String IDLE_TIMEOUT = "idle.timeout.ms";
    static final String PROGRESS_TIMEOUT = "progress.timeout.ms";
    static final String CALL_TIMEOUT = "call.timeout.ms";
    static final String CONNECTION_IDLE = "connection.idle.ms";
    static final String CONNECTION_LIFE = "connection.life.ms";
    static final String MAX_ANSWER_BYTES = "max.answer.bytes";
    static final String EVENT_LOOPS = "event.loops";
    static final String TRANSPORT = "transport";
    static final String TRUST_STORE = "trust.store";
    static final String TRUST_STORE_PASSWORD = "trust.store.password";
    static final String CLIENT_CERTIFICATE = "client.certificate";
    static final String CLIENT_KEY = "client.key";
    static final String CLIENT_KEY_PASSWORD = "client.key.password";
    static final String PROXY = "proxy";
    static final String PROXY_USER = "proxy.user";
    static final String PROXY_PASSWORD = "proxy.password";
    static final String HEADERS = "headers";

    private Keys() {}

    static String of(Lane lane, String suffix) {
        return lane.id() + "." + suffix;
    }

    static String llm(String suffix) {
        return LLM + suffix;
    }

    static String llm(Lane lane, String suffix) {
        return of(lane, llm(suffix));
    }

    static String fallback(String name, String suffix) {
        return FALLBACK + name + "." + suffix;
    }

    static String check(String name, String suffix) {
        return CHECK + name + "." + suffix;
    }
}
