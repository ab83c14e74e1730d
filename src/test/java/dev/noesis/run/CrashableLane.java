package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Build;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import tools.jackson.databind.JsonNode;

/**
 * One task of a lane, and the partition around it: input topics, the mind log, and what was committed. It can crash, which
 * takes everything back to the last commit but what had reached the log, and it can be started again.
 *
 * <p>The processor is the real one, on Kafka's own fake of a context. Effects are recorded; {@link #run()} appends what was to
 * be appended, in order, and processes whatever there is until nothing moves. Models and tools answer when the test says so.
 */
public final class CrashableLane {
    public static final String LOG = "mind.log";

    /** A record that went to a sink. */
    public record Output(String agent, byte[] value, Headers headers) {
        public JsonNode json() {
            return Json.tree(value);
        }

        public String header(String name) {
            Header header = headers.lastHeader(name);
            return header == null ? null : new String(header.value(), UTF_8);
        }
    }

    /** Has every store that it is asked for, with what was committed of it. */
    private final class Context extends MockProcessorContext<byte[], byte[]> {
        Context() {
            super(quietly(), new TaskId(0, partition), new File("unused"));
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Kafka declares it
        public <S extends StateStore> S getStateStore(String name) {
            if (!stores.containsKey(name)) {
                KeyValueStore<Bytes, byte[]> store = Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                        .withLoggingDisabled()
                        .withCachingDisabled()
                        .build();
                store.init(getStateStoreContext(), store);
                committedStores.getOrDefault(name, Map.of()).forEach(store::put);
                addStateStore(store);
                stores.put(name, store);
            }
            return super.getStateStore(name);
        }
    }

    private record Entry(long offset, byte[] key, byte[] value, long timestamp, Headers headers) {}

    private final NoesisConfig config;
    private final Lane lane;
    private final int partition;
    private final Function<LaneProcessor.Kernel, LaneProcessor.Definition> definition;
    private final Map<String, List<Entry>> topics = new LinkedHashMap<>();

    private Map<String, Map<Bytes, byte[]>> committedStores = new HashMap<>();
    private Map<String, Integer> committedOffsets = new HashMap<>();
    private final List<Map.Entry<String, Output>> committedOutputs = new ArrayList<>();

    private final Map<String, KeyValueStore<Bytes, byte[]>> stores = new HashMap<>();
    private final Map<String, Integer> offsets = new HashMap<>();
    private CrashableEffects effects = new CrashableEffects();
    private MockProcessorContext<byte[], byte[]> context;
    private LaneProcessor processor;
    private int announcedSeen;
    private int appendedSeen;
    private long clock;
    private boolean lazy;
    private Build build = Build.THIS;

    /** @param definition the lane's front on that kernel */
    public CrashableLane(
            NoesisConfig config,
            Lane lane,
            int partition,
            List<String> inputTopics,
            Function<LaneProcessor.Kernel, LaneProcessor.Definition> definition,
            long clock) {
        this.config = config;
        this.lane = lane;
        this.partition = partition;
        this.definition = definition;
        this.clock = clock;
        topics.put(LOG, new ArrayList<>());
        inputTopics.forEach(topic -> topics.put(topic, new ArrayList<>()));
    }

    /** Reads and writes that task's log, and not one of its own. */
    public CrashableLane sharing(CrashableLane other) {
        topics.put(LOG, other.topics.get(LOG));
        return this;
    }

    // ---- life

    /** Starts a task on what was committed. It has announced its barrier, which no one has appended yet. */
    public CrashableLane start() {
        effects = new CrashableEffects();
        announcedSeen = 0;
        appendedSeen = 0;
        stores.clear();
        context = new Context();
        context.setCurrentSystemTimeMs(clock);
        offsets.clear();
        offsets.putAll(committedOffsets);
        AgentRunner runner = new AgentRunner(
                new ContextBuilder("Be kind.", config.run().contextMaxTokens()),
                new Dispatcher(List.of(new LearnFact(), new RecallFacts(), new HeartbeatRespond())));
        LaneMetrics metrics = new LaneMetrics(new SimpleMeterRegistry(), lane);
        processor = new LaneProcessor(definition.apply(new LaneProcessor.Kernel(
                config.lane(lane), LOG, config.partitions(), runner, effects, this::history, build, metrics)));
        processor.init(context);
        return this;
    }

    /** What starts from now on is of that build. */
    public CrashableLane build(int logVersion, int foldVersion) {
        build = new Build(logVersion, foldVersion);
        return this;
    }

    /** Reads the log again, two records at a time. */
    private LogHistory.Reader history(int of, long from) {
        int[] next = {(int) from};
        return new LogHistory.Reader() {
            @Override
            public List<LogHistory.LogRecord> poll() {
                List<LogHistory.LogRecord> batch = topics.get(LOG).stream()
                        .skip(next[0])
                        .limit(2)
                        .map(entry ->
                                new LogHistory.LogRecord(entry.offset(), entry.key(), entry.value(), entry.timestamp()))
                        .toList();
                next[0] += batch.size();
                return batch;
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    /** From now on answers are only appended, and the test says when something is processed. */
    public CrashableLane lazily() {
        lazy = true;
        return this;
    }

    private CrashableLane goOn() {
        return lazy ? this : run();
    }

    /** Starts a task and lets it come to own its partition. */
    public CrashableLane startAndOwn() {
        start();
        return run();
    }

    /** What was written since the last commit, stores, offsets and outputs, is seen by all from now on. */
    public CrashableLane commit() {
        committedStores = new HashMap<>();
        stores.forEach((name, store) -> committedStores.put(name, contents(store)));
        committedOffsets = new HashMap<>(offsets);
        context.forwarded()
                .forEach(forwarded -> committedOutputs.add(
                        Map.entry(forwarded.childName().orElseThrow(), output(forwarded.record()))));
        context.resetForwards();
        return this;
    }

    /** The process is killed: what was not committed has not happened, but what is in the log is in the log. */
    public CrashableLane crash() {
        processor = null;
        context = null;
        return this;
    }

    /** The task is closed cleanly: what it announces reaches the log, and everything is committed. */
    public CrashableLane stop() {
        processor.close();
        flush();
        commit();
        return crash();
    }

    // ---- records

    /** Puts a record into an input topic. */
    public long input(String topic, String key, String value) {
        return input(topic, key == null ? null : key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    public long input(String topic, byte[] key, byte[] value, Header... headers) {
        List<Entry> entries = topics.get(topic);
        entries.add(new Entry(entries.size(), key, value, clock, new RecordHeaders(headers)));
        return entries.size() - 1L;
    }

    /** Appends an event to the log, as whoever else may write there. */
    public void append(String agent, MindEvent event) {
        appendBytes(agent.getBytes(UTF_8), Json.write(event));
    }

    private void appendBytes(byte[] key, byte[] value) {
        List<Entry> log = topics.get(LOG);
        log.add(new Entry(log.size(), key, value, clock, new RecordHeaders()));
    }

    /** Appends what the task handed over to be appended at once. */
    public void flush() {
        while (flushOne()) {
            // one after another
        }
    }

    /** Appends the next of what was handed over to be appended at once; false if there is none. */
    public boolean flushOne() {
        if (announcedSeen < effects.announced.size()) {
            append("~" + lane.id(), effects.announced.get(announcedSeen++));
            return true;
        }
        while (appendedSeen < effects.appended.size()) {
            CrashableEffects.Appended appended = effects.appended.get(appendedSeen++);
            if (appended.delayMs() <= 0) {
                append(appended.agentId(), appended.event());
                return true;
            }
        }
        return false;
    }

    /** Loses what was handed over and not appended, and names it. */
    public List<CrashableEffects.Appended> takeUnappended() {
        List<CrashableEffects.Appended> rest = effects.appended.subList(appendedSeen, effects.appended.size()).stream()
                .filter(appended -> appended.delayMs() <= 0)
                .toList();
        appendedSeen = effects.appended.size();
        return rest;
    }

    /** The next record of the log if there is one, else of the inputs; false if there is none. */
    public boolean processNext() {
        for (Map.Entry<String, List<Entry>> topic : topics.entrySet()) {
            int next = offsets.getOrDefault(topic.getKey(), 0);
            if (next < topic.getValue().size()) {
                offsets.put(topic.getKey(), next + 1);
                process(topic.getKey(), topic.getValue().get(next));
                return true;
            }
        }
        return false;
    }

    /** Appends and processes until nothing moves. */
    public CrashableLane run() {
        do {
            flush();
        } while (processNext());
        return this;
    }

    /** Time goes by, and what is due is done. */
    public CrashableLane pass(long ms) {
        clock += ms;
        context.setCurrentSystemTimeMs(clock);
        for (CrashableEffects.Appended due : List.copyOf(effects.delayed.values())) {
            if (due.event().at() + due.delayMs() <= clock) {
                effects.delayed.remove(due.effectKey());
                append(due.agentId(), due.event());
            }
        }
        return goOn();
    }

    private void process(String topic, Entry entry) {
        ConsumerRecord<Object, Object> consumed = new ConsumerRecord<>(
                topic,
                partition,
                entry.offset(),
                entry.timestamp(),
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                entry.key(),
                entry.value(),
                entry.headers(),
                Optional.empty());
        long timestamp = topic.equals(LOG) ? new LogFirstTimestamps().extract(consumed, 0) : entry.timestamp();
        context.setRecordMetadata(topic, partition, entry.offset());
        processor.process(new Record<>(entry.key(), entry.value(), timestamp, entry.headers()));
    }

    // ---- models and tools

    public CrashableLane answer(String agent, String runId, String text) {
        return complete(agent, runId, "end_turn", new Content.Text(text));
    }

    /** The model asks for that tool with these arguments, under the id {@code callId}. */
    public CrashableLane ask(String agent, String runId, String callId, String tool, String arguments) {
        return complete(agent, runId, "tool_use", new Content.ToolUse(callId, tool, arguments));
    }

    public CrashableLane complete(String agent, String runId, String stopReason, Content... content) {
        CrashableEffects.Called called = called(agent, runId);
        int step = called.call().step();
        append(
                agent,
                event(
                        runId + "/" + step + "/completed",
                        called.call().runId(),
                        called.call().threadId(),
                        null,
                        new MindEvent.StepCompleted(
                                step,
                                called.tenure().nextAttempt(),
                                1,
                                List.of(content),
                                stopReason,
                                Writer.COST,
                                "model",
                                3,
                                "anthropic",
                                "primary")));
        return goOn();
    }

    /** The model's call fails; it is to be tried again then, or for null never. */
    public CrashableLane fail(String agent, String runId, Long retryAt) {
        CrashableEffects.Called called = called(agent, runId);
        append(
                agent,
                event(
                        runId + "/failed",
                        runId,
                        called.call().threadId(),
                        called.tenure().incarnation(),
                        new MindEvent.StepFailed(
                                called.call().step(),
                                called.tenure().nextAttempt(),
                                1,
                                ErrorCode.MODEL_UNAVAILABLE,
                                "529",
                                retryAt,
                                Writer.COST,
                                2)));
        return goOn();
    }

    public CrashableLane toolAnswers(
            String agent, String runId, String callId, String text, boolean endsRun, MemoryWrite... writes) {
        Effect.CallTool call = effects.acting.values().stream()
                .map(tooled -> tooled.call().call())
                .filter(c -> c.agentId().equals(agent)
                        && c.runId().equals(runId)
                        && c.callId().equals(callId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such tool call in flight: " + effects.acting.keySet()));
        append(
                agent,
                event(
                        runId + "/" + call.step() + "/tool/" + callId,
                        runId,
                        call.threadId(),
                        null,
                        new MindEvent.ToolCompleted(
                                call.step(), callId, call.tool(), text, false, List.of(writes), endsRun)));
        return goOn();
    }

    private CrashableEffects.Called called(String agent, String runId) {
        return effects.inFlight.values().stream()
                .filter(called -> called.call().agentId().equals(agent)
                        && called.call().runId().equals(runId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such call in flight: " + effects.inFlight.keySet()));
    }

    private MindEvent event(String id, String runId, String threadId, String stamp, MindEvent.Body body) {
        return new MindEvent(MindEvent.VERSION, id, clock, lane, runId, threadId, Origin.MODEL, stamp, body);
    }

    // ---- what came of it

    public CrashableEffects effects() {
        return effects;
    }

    /** What went to that sink, committed or not. */
    public List<Output> outputs(String sink) {
        List<Output> outputs = new ArrayList<>();
        committedOutputs.stream()
                .filter(output -> output.getKey().equals(sink))
                .forEach(output -> outputs.add(output.getValue()));
        if (context != null) {
            context.forwarded(sink).forEach(forwarded -> outputs.add(output(forwarded.record())));
        }
        return outputs;
    }

    /** The runs whose model calls go on, and at which step: {@code r1/0}. */
    public List<String> calls() {
        return effects.inFlight.values().stream()
                .map(called -> called.call().runId() + "/" + called.call().step())
                .toList();
    }

    public LaneProcessor processor() {
        return processor;
    }

    /** The largest value that a store holds, in bytes. */
    public int largestEntry() {
        return stores.values().stream()
                .flatMap(store -> contents(store).values().stream())
                .mapToInt(value -> value.length)
                .max()
                .orElse(0);
    }

    /** The fallback's time has come. */
    public CrashableLane fallBack() {
        punctuate();
        return run();
    }

    /** The same, and nothing is processed. */
    public void punctuate() {
        context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .toList()
                .forEach(punctuator -> punctuator.getPunctuator().punctuate(clock));
    }

    /** How many of its punctuators would still be called. */
    public long punctuators() {
        return context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .count();
    }

    public long clock() {
        return clock;
    }

    /** The store's hash by the last checkpoint in the log. */
    public String lastCheckpoint() {
        return checkpoint().storeHash();
    }

    /** The offset that it is of. */
    public long lastCheckpointAt() {
        return checkpoint().offset();
    }

    private MindEvent.Checkpoint checkpoint() {
        return topics.get(LOG).reversed().stream()
                .map(entry -> Json.read(entry.value(), MindEvent.class).body())
                .filter(MindEvent.Checkpoint.class::isInstance)
                .map(MindEvent.Checkpoint.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** The log, to be folded by others. */
    public List<TestLog.Entry> log() {
        return topics.get(LOG).stream()
                .map(entry -> new TestLog.Entry(entry.offset(), entry.key(), entry.value(), entry.timestamp()))
                .toList();
    }

    private static Output output(Record<? extends byte[], ? extends byte[]> record) {
        byte[] key = record.key();
        return new Output(key == null ? null : new String(key, UTF_8), record.value(), record.headers());
    }

    private static Map<Bytes, byte[]> contents(KeyValueStore<Bytes, byte[]> store) {
        Map<Bytes, byte[]> contents = new TreeMap<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            all.forEachRemaining(entry -> contents.put(entry.key, entry.value));
        }
        return contents;
    }

    /** Kafka Streams warns about this setting where it is not made. */
    private static Properties quietly() {
        Properties properties = new Properties();
        properties.put("processing.exception.handler.global.enabled", "true");
        return properties;
    }
}
