package dev.noesis.config;

import dev.noesis.model.Lane;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/**
 * The one table of keys: each with its default, what is legal and one sentence. Values are validated by it, records are built
 * from it, and the reference page is written from it.
 *
 * <p>A key of a model client stands in it three times: {@code llm.x} for both lanes, and {@code chat.llm.x} and
 * {@code heartbeat.llm.x}, which have no default and override it for one. Once more for each fallback that is named:
 * {@code llm.fallback.<name>.x}. A key of a check stands in it for each check that is named: {@code heartbeat.check.<name>.x}.
 */
final class ConfigTable {
    static final String CONNECTION = "Connection";
    static final String WORKER = "Worker";
    static final String RUN = "Runs";
    static final String CHAT = "Chat lane";
    static final String HEARTBEAT = "Heartbeat lane";
    static final String CHECKS = "Checks";
    static final String MODEL_CLIENT = "Model client";

    private static final List<String> LANE_IDS =
            Arrays.stream(Lane.values()).map(Lane::id).toList();
    private static final List<String> ISOLATIONS = Arrays.stream(HeartbeatConfig.Isolation.values())
            .map(HeartbeatConfig.Isolation::id)
            .toList();

    /** Not of a fallback: it has none itself, and a request cannot name its models. */
    private static final Set<String> OF_LANES_ONLY = Set.of(Keys.FALLBACKS, Keys.MODELS);

    private final Set<String> fallbacks;
    private final List<String> checks;
    private final ConfigDef keys = new ConfigDef();
    private String group = "";
    private int order;

    private ConfigTable(Set<String> fallbacks, List<String> checks) {
        this.fallbacks = fallbacks;
        this.checks = checks;
    }

    /** A new definition of all keys, where no fallback and no check is named. */
    static ConfigDef create() {
        return create(Set.of(), List.of());
    }

    /** The same with the keys of these fallbacks and checks. */
    static ConfigDef create(Set<String> fallbacks, List<String> checks) {
        var table = new ConfigTable(fallbacks, checks);
        table.connection();
        table.worker();
        table.runs();
        table.chat();
        table.heartbeat();
        table.checks();
        table.modelClient();
        TransportTable.define(table::llm);
        RequestTable.define(table::llm);
        return table.keys;
    }

    private void connection() {
        group(CONNECTION);
        text(Keys.BOOTSTRAP_SERVERS, "localhost:9092", Legal.SERVERS, "Brokers to ask for the rest of the cluster.");
        text(
                Keys.DEPLOYMENT,
                "",
                Legal.NAME_PART_OR_NOTHING,
                "Prefixes topics, application ids, transactional ids and instance ids, with a dot, so that several"
                        + " deployments share a cluster.");
    }

    private void worker() {
        group(WORKER);
        text(Keys.LANES, String.join(",", LANE_IDS), Legal.someOf(LANE_IDS), "Which lanes this worker runs.");
        text(
                Keys.STATE_DIR,
                "noesis-state",
                Legal.DIRECTORY,
                "Where stores and the instance id are kept; one worker at a time; keep it over restarts, else the"
                        + " stores are rebuilt from their changelogs.");
        text(
                Keys.INSTANCE_ID,
                null,
                Legal.NAME_PART,
                "Names this worker in its deployment; where it is not set, it is made once and kept in `state.dir`.");
        bytes(
                Keys.STORE_MEMORY,
                64L * 1024 * 1024,
                StoreConfig.MEMORY,
                "Native memory for the stores of all partitions and both lanes together: blocks, indexes and filters read from"
                        + " disk, and the write buffers. More spares reads; a worker's heap comes beside it.");
        bytes(
                Keys.STORE_WRITE_BUFFERS,
                32L * 1024 * 1024,
                StoreConfig.MEMORY,
                "How much of `store.memory.bytes` may be write buffers, at most three quarters of it; what is beyond is"
                        + " written to disk, and meanwhile a store may have 4 MiB.");
        millis(
                Keys.DRAIN,
                30_000L,
                LaneConfig.DRAIN,
                "How long model calls in flight may go on after a stop was asked for.");
        text(
                Keys.HTTP_HOST,
                "127.0.0.1",
                Legal.NOT_BLANK,
                "Where the worker serves `/live`, `/ready` and `/metrics`, without any authentication; `0.0.0.0` for all"
                        + " interfaces.");
        number(
                Keys.HTTP_PORT,
                8_081,
                HttpConfig.PORT,
                "The port of it, one for each worker of a machine; 0 takes one that is free and logs it, -1 serves"
                        + " nothing.");
        number(
                Keys.PARTITIONS,
                8,
                NoesisConfig.PARTITIONS,
                "Partitions of each topic that is made; fixed for a deployment's life, since an agent's memory lives"
                        + " in its partition.");
        number(
                Keys.REPLICATION_FACTOR,
                0,
                NoesisConfig.REPLICATION_FACTOR,
                "Replicas of each topic that is made; 0 means 3, or as many as there are brokers.");
    }

    private void runs() {
        group(RUN);
        number(Keys.MAX_STEPS, 10, RunConfig.MAX_STEPS, "Most model calls of a run; the last is made without tools.");
        millis(
                Keys.DEADLINE,
                600_000L,
                RunConfig.DEADLINE,
                "From a request's append time to the end of its run, where the request says nothing.");
        number(
                Keys.MAX_ATTEMPTS,
                4,
                RunConfig.MAX_ATTEMPTS,
                "Most attempts of one step, of each model that the lane may ask, before the run fails with `model_unavailable`.");
        millis(
                Keys.REMEMBER,
                604_800_000L,
                RunConfig.REMEMBER,
                "How long a finished run is known, in event time, so that a repeated request changes nothing.");
        number(
                Keys.CONTEXT_MAX_TOKENS,
                100_000,
                RunConfig.CONTEXT_MAX_TOKENS,
                "The newest whole turns of a thread go to the model within this many tokens.");
        text(
                Keys.SYSTEM_PROMPT,
                null,
                Legal.FILE,
                "File that holds the system prompt, UTF-8; where it is not set, a built-in prompt for an assistant with a"
                        + " memory is used.");
        millis(Keys.TOOL_TIMEOUT, 120_000L, RunConfig.TOOL_TIMEOUT, "Longest time of one tool call.");
        millis(
                Keys.EVENTS_INTERVAL,
                20L,
                RunConfig.EVENTS_INTERVAL,
                "A stream writes a record of events at most this often; 0 writes one for each delta.");
    }

    private void chat() {
        group(CHAT);
        permits(Lane.CHAT, 256);
        queue(Lane.CHAT);
    }

    private void heartbeat() {
        group(HEARTBEAT);
        permits(Lane.HEARTBEAT, 16);
        millis(
                Keys.STALE,
                3_600_000L,
                HeartbeatConfig.STALE,
                "A tick older than this, or than its agent's interval, is answered `stale` when it is read or made.");
        number(
                Keys.MAX_SIGNALS,
                1_000,
                HeartbeatConfig.MAX_SIGNALS,
                "Most signals of one agent that wait for a tick; more go to `heartbeat.dlq`.");
        number(
                Keys.MAX_BEATS,
                50,
                HeartbeatConfig.MAX_BEATS,
                "Most ticks of a partition in a second that raise findings, which both lanes fold; one beyond that is skipped"
                        + " as `cooldown`, and what it found waits for the next.");
        number(
                Keys.DIGEST_HOUR,
                8,
                HeartbeatConfig.DIGEST_HOUR,
                "The hour of the agent's day from which its next tick tells the digest: what needs no action, what comes and"
                        + " goes, what is still there. -1 for none.");
        text(
                Keys.TUNER,
                "off",
                Legal.oneOf(List.of("off", "on")),
                "Whether checks come to look more often whose findings humans resolve, and less often those whose findings"
                        + " they dismiss or ignore. Intervals that are tuned stay so when it is off.");
        text(
                Keys.ISOLATION,
                HeartbeatConfig.Isolation.DEDICATED.id(),
                Legal.oneOf(ISOLATIONS),
                "Whose model client the lane uses: its own or it does not start; its own, or the chat lane's where that"
                        + " cannot be started; or the chat lane's, where a hanging heartbeat can starve chat.");
    }

    private void checks() {
        text(
                Keys.CHECKS,
                String.join(",", NamedChecks.DEFAULT),
                Legal.CHECKS,
                "What a tick looks after. A name that is no built-in check is an HTTP check, described below; a class"
                        + " implements `dev.noesis.heartbeat.checks.Check`.");
        group(CHECKS);
        for (String name : checks) {
            if (!name.equals(CheckConfig.SIGNALS)) {
                check(name);
            }
        }
    }

    private void check(String name) {
        check(
                name,
                Keys.EVERY,
                ConfigDef.Type.LONG,
                null,
                HeartbeatConfig.CHECK_EVERY,
                "How often it looks after an agent, at most; where it is not set, as often as the check itself says:"
                        + " `failures` each minute, `self` each half hour, `health` each hour, an HTTP check each 5 minutes.");
        check(
                name,
                Keys.TIMEOUT,
                ConfigDef.Type.LONG,
                null,
                HeartbeatConfig.CHECK_TIMEOUT,
                "How long one look may take; where it is not set, as long as the check itself says: 10 seconds, unless"
                        + " a class says otherwise.");
        if (!CheckConfig.isHttp(name)) {
            return;
        }
        check(
                name,
                Keys.URL,
                ConfigDef.Type.STRING,
                null,
                Legal.CHECK_URL,
                "Of an HTTP check, and has to be set: where it gets JSON. The agent's id is put in the place of `{agent}`.");
        check(
                name,
                Keys.HEADER,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                "A header to send with it, `Name: value`; its value is never shown.");
        pointer(
                name,
                Keys.ITEMS,
                "",
                "Where in the answer the array is whose items are found; none for the answer itself.");
        pointer(
                name,
                Keys.ID,
                "/id",
                "Where in an item its id is, text or a number: the same thing has the same each time.");
        pointer(name, Keys.SUMMARY, "/summary", "Where in an item its summary is.");
        pointer(name, Keys.SOURCE, null, "Where in an item its source is; where it is not set, the check's name.");
        check(
                name,
                Keys.URGENCY,
                ConfigDef.Type.STRING,
                "normal",
                Legal.URGENCY,
                "How urgent every item is, or where in an item `low`, `normal` or `high` is.");
        check(
                name,
                Keys.NEEDS_ACTION,
                ConfigDef.Type.STRING,
                "true",
                Legal.NEEDS_ACTION,
                "Whether a run is to decide about every item, or where in an item that is.");
    }

    private void pointer(String name, String suffix, @Nullable String preset, String sentence) {
        check(name, suffix, ConfigDef.Type.STRING, preset, Legal.POINTER_TO, sentence);
    }

    private void check(
            String name,
            String suffix,
            ConfigDef.Type type,
            @Nullable Object preset,
            ConfigDef.@Nullable Validator legal,
            String sentence) {
        define(Keys.check(name, suffix), type, preset, legal, sentence);
    }

    private void permits(Lane lane, int maxInFlight) {
        number(
                Keys.of(lane, Keys.MAX_IN_FLIGHT),
                maxInFlight,
                LaneConfig.MAX_IN_FLIGHT,
                "Most model calls of the lane at a time, per worker.");
    }

    /** Chat's alone: of an agent's heartbeats there is one at a time, and none waits. */
    private void queue(Lane lane) {
        number(
                Keys.of(lane, Keys.MAX_IN_FLIGHT_PER_AGENT),
                32,
                LaneConfig.MAX_IN_FLIGHT,
                "Most model calls of one agent at a time.");
        number(
                Keys.of(lane, Keys.MAX_QUEUED_PER_AGENT),
                100,
                LaneConfig.MAX_QUEUED,
                "Most runs of one agent that wait for their thread or a permit; more are answered `overloaded`.");
        number(
                Keys.of(lane, Keys.MAX_QUEUED),
                10_000,
                LaneConfig.MAX_QUEUED,
                "Most runs of one partition that wait; more are answered `overloaded`.");
    }

    private void modelClient() {
        group(MODEL_CLIENT);
        llm(
                Keys.PROVIDER,
                ConfigDef.Type.STRING,
                RequestConfig.Provider.ANTHROPIC.id(),
                oneOf(RequestConfig.Provider.class),
                "Whose API the server speaks: Anthropic's Messages, or OpenAI's chat completions, as vLLM, Ollama,"
                        + " llama.cpp and most gateways do. A lane that names another one than `llm.provider` takes"
                        + " neither address, path, key, auth, headers nor models from the keys of both lanes, nor betas,"
                        + " effort and service tier.");
        llm(
                Keys.BASE_URL,
                ConfigDef.Type.STRING,
                null,
                Legal.BASE_URL,
                "Scheme, host, port and optional path prefix of the provider; where it is not set, " + "`"
                        + RequestConfig.Provider.ANTHROPIC.baseUrl() + "` or `"
                        + RequestConfig.Provider.OPENAI.baseUrl() + "`.");
        llm(
                Keys.PATH,
                ConfigDef.Type.STRING,
                null,
                Legal.PATH,
                "Behind the base URL; where it is not set, `/v1/messages` or `/v1/chat/completions`, whose `/v1` is left"
                        + " out behind a base URL that ends in it.");
        llm(
                Keys.API_KEY,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                "The provider's key; from the environment or the file of `--config`, not from the command line. Where no"
                        + " key is given at all, `ANTHROPIC_API_KEY` or `OPENAI_API_KEY` is used.");
        llm(
                Keys.API_KEY_FILE,
                ConfigDef.Type.STRING,
                null,
                Legal.FILE,
                "File that holds the provider's key, such as a mounted secret; instead of `llm.api.key`.");
        llm(
                Keys.AUTH,
                ConfigDef.Type.STRING,
                null,
                oneOf(LlmConfig.Auth.class),
                "How the key is sent: in the header `x-api-key`, or in `Authorization` as a bearer token; where it is not"
                        + " set, `x-api-key` to Anthropic and `bearer` to others.");
        llm(
                Keys.API_VERSION,
                ConfigDef.Type.STRING,
                "2023-06-01",
                Legal.API_VERSION,
                "The header `anthropic-version`. From 2026-10-21 on no sampling parameters are sent.");
        llm(
                Keys.MODEL,
                ConfigDef.Type.STRING,
                null,
                Legal.NOT_BLANK,
                "Model used where a request names none; where it is not set, `" + LlmConfig.DEFAULT_MODEL
                        + "`, and with `openai` it has to be set.");
        llm(
                Keys.MODELS,
                ConfigDef.Type.LIST,
                "",
                null,
                "Which models a request may name, with commas between; `llm.model` always may be.");
        llm(
                Keys.FALLBACKS,
                ConfigDef.Type.STRING,
                "",
                Legal.FALLBACKS,
                "Which models are asked when the lane's own has used up its attempts, cannot be used, or wants to be asked much"
                        + " later, in this order. Each is described by keys of its own, as said above.");
        llm(
                Keys.MAX_TOKENS,
                ConfigDef.Type.INT,
                8_192,
                LlmConfig.MAX_TOKENS,
                "Most tokens of one answer, where the request says nothing. Of a fallback it is a limit that no request exceeds,"
                        + " and where it is not set, none.");
        llm(
                Keys.CONNECTIONS,
                ConfigDef.Type.INT,
                null,
                LlmConfig.CONNECTIONS,
                "Most connections, and so most calls, at a time; where it is not set, the lane's `max.in.flight`.");
        llm(
                Keys.MAX_WAITERS,
                ConfigDef.Type.INT,
                256,
                LlmConfig.MAX_WAITERS,
                "Most calls that may wait for a connection.");
        timeout(Keys.CONNECT_TIMEOUT, 5_000L, "To open a TCP connection.");
        timeout(Keys.TLS_TIMEOUT, 10_000L, "To finish the TLS handshake.");
        timeout(Keys.ACQUIRE_TIMEOUT, 5_000L, "To get a connection of the pool.");
        timeout(Keys.FIRST_BYTE_TIMEOUT, 120_000L, "From the request's last byte to the response's first.");
        timeout(Keys.IDLE_TIMEOUT, 120_000L, "Longest silence within a response.");
        timeout(Keys.PROGRESS_TIMEOUT, 300_000L, "Longest time within a response in which nothing but pings came.");
        llm(
                Keys.CALL_TIMEOUT,
                ConfigDef.Type.LONG,
                null,
                LlmConfig.CALL_TIMEOUT,
                "Limit of a whole call; where it is not set, 10 minutes, or with large answers 60 min × max tokens ÷"
                        + " 128,000, at most an hour.");
        llm(
                Keys.CONNECTION_IDLE,
                ConfigDef.Type.LONG,
                30_000L,
                LlmConfig.CONNECTION_IDLE,
                "How long an unused connection is kept; below the server's own limit.");
        llm(
                Keys.CONNECTION_LIFE,
                ConfigDef.Type.LONG,
                600_000L,
                LlmConfig.CONNECTION_LIFE,
                "How long a connection is used at all, varied by 20 % so that not all end at once.");
        llm(
                Keys.MAX_ANSWER_BYTES,
                ConfigDef.Type.INT,
                4_194_304,
                LlmConfig.MAX_ANSWER_BYTES,
                "Most bytes of an answer; a larger one ends the run with `answer_too_large`.");
        llm(
                Keys.EVENT_LOOPS,
                ConfigDef.Type.INT,
                1,
                LlmConfig.EVENT_LOOPS,
                "Threads of the client's event-loop group. One that reads 25,000 pieces of answers a second reads each stream"
                        + " less often, about every 100 ms at least; more threads have fewer streams each.");
    }

    static <E extends Enum<E> & Named> Legal oneOf(Class<E> type) {
        return Legal.oneOf(Named.idsOf(type));
    }

    private void timeout(String suffix, long defaultMillis, String sentence) {
        llm(suffix, ConfigDef.Type.LONG, defaultMillis, LlmConfig.TIMEOUT, sentence);
    }

    private void llm(
            String suffix,
            ConfigDef.Type type,
            @Nullable Object preset,
            ConfigDef.@Nullable Validator legal,
            String sentence) {
        define(Keys.llm(suffix), type, preset, legal, sentence);
        for (Lane lane : Lane.values()) {
            define(Keys.llm(lane, suffix), type, null, legal, sentence);
        }
        if (!OF_LANES_ONLY.contains(suffix)) {
            fallbacks.forEach(name -> define(Keys.fallback(name, suffix), type, null, legal, sentence));
        }
    }

    private void group(String name) {
        group = name;
        order = 0;
    }

    private void text(String key, @Nullable String preset, Legal legal, String sentence) {
        define(key, ConfigDef.Type.STRING, preset, legal, sentence);
    }

    private void number(String key, int preset, Range range, String sentence) {
        define(key, ConfigDef.Type.INT, preset, range, sentence);
    }

    private void millis(String key, long preset, Range range, String sentence) {
        define(key, ConfigDef.Type.LONG, preset, range, sentence);
    }

    private void bytes(String key, long preset, Range range, String sentence) {
        define(key, ConfigDef.Type.LONG, preset, range, sentence);
    }

    private void define(
            String key,
            ConfigDef.Type type,
            @Nullable Object preset,
            ConfigDef.@Nullable Validator legal,
            String sentence) {
        keys.define(key, type, preset, legal, Importance.MEDIUM, sentence, group, order++, Width.MEDIUM, key);
    }
}
