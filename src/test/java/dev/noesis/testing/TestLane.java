package dev.noesis.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.ChatTopology;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigSources;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.HeartbeatTopology;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.mind.Build;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Fold;
import dev.noesis.mind.Section;
import dev.noesis.mind.StoreEntries;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.Effects;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.Tenure;
import dev.noesis.schemas.SchemaCheck;
import dev.noesis.schemas.Schemas;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.telemetry.Metric;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import dev.noesis.tool.RecordDecision;
import dev.noesis.tool.ReviewDecision;
import dev.noesis.tool.Tool;
import dev.noesis.topics.Topics;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A lane's topology without a broker: the test plays the log, the model and the tools. Every record that it sees on its way
 * is held against the schema of its topic.
 *
 * <p>{@link #take} gives the lane an input and nothing else. {@link #settle} does the appends that the lane asked for and has
 * it read the log, until there is nothing more to do. Most methods do both.
 *
 * <p><b>Threading.</b> One thread.
 */
public final class TestLane implements AutoCloseable {
    public static final String AGENT = "ada";
    public static final long NOW = Instant.parse("2026-11-22T09:30:00Z").toEpochMilli();
    public static final Usage USAGE = new Usage(200, 20, 0, 0);
    public static final String MODEL = "test-model";

    private static final String APPLICATION = "noesis-test-";
    private static final Topics TOPICS = new Topics("");
    private static final Schemas CLOSED = Schemas.closed();
    private static final Schemas PUBLISHED = Schemas.published();

    public final HeldEffects effects = new HeldEffects();
    private final Setup setup;
    private final Path stateDir;
    private final Inputs inputs;
    private final TopologyTestDriver driver;
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry(SimpleConfig.DEFAULT, new LanesClock());
    private final Dispatcher tools = new Dispatcher(List.of(
            new LearnFact(), new RecallFacts(), new RecordDecision(), new ReviewDecision(), new HeartbeatRespond()));
    private final String incarnation;
    private long now;
    private int read;
    private int taken;
    private int attempts;
    private int streamed;

    /** Which lane, how it is configured, how many partitions it believes in, and the log it reads. */
    public record Setup(Lane lane, TestLog log, int partitions, List<String> settings) {
        public static Setup of(Lane lane, String... settings) {
            return new Setup(lane, new TestLog(), 1, List.of(settings));
        }

        public Setup on(TestLog shared) {
            return new Setup(lane, shared, partitions, settings);
        }

        public Setup partitions(int count) {
            return new Setup(lane, log, count, settings);
        }
    }

    /** The inputs so far, which a successor that has the stores reads again from the start. */
    private record Inputs(List<Input> records) {}

    private record Input(String topic, byte[] key, byte[] value, RecordHeaders headers, long timestamp) {}

    private TestLane(Setup setup, Path stateDir, Inputs inputs, long now) {
        this.setup = setup;
        this.stateDir = stateDir;
        this.inputs = inputs;
        this.now = now;
        driver = new TopologyTestDriver(
                topology(setup, effects, tools, metrics), properties(), Instant.ofEpochMilli(now));
        MindEvent.Barrier barrier =
                (MindEvent.Barrier) effects.appends.getFirst().event().body();
        incarnation = barrier.incarnation();
    }

    /** The lane's topology, as Kafka Streams describes it. */
    public static String describe(Lane lane) {
        return topology(Setup.of(lane), new HeldEffects(), new Dispatcher(List.of()), new SimpleMeterRegistry())
                .describe()
                .toString();
    }

    private static Topology topology(Setup setup, Effects effects, Dispatcher tools, SimpleMeterRegistry metrics) {
        NoesisConfig config = ConfigLoader.load(new ConfigSources(null, Map.of(), setup.settings()));
        LaneProcessor.Kernel kernel = new LaneProcessor.Kernel(
                config.lane(setup.lane()),
                TOPICS.mindLog(),
                setup.partitions(),
                new AgentRunner(new ContextBuilder("You are a test.", 10_000), tools),
                effects,
                (_, _) -> {
                    throw new AssertionError("nothing is folded anew here");
                },
                Build.THIS,
                new LaneMetrics(metrics, setup.lane()));
        return switch (setup.lane()) {
            case CHAT ->
                ChatTopology.of(
                        TOPICS,
                        kernel,
                        config.run(),
                        List.of("learn_fact", "recall", "record_decision", "review_decision"));
            case HEARTBEAT ->
                HeartbeatTopology.of(
                        TOPICS,
                        kernel,
                        config.run(),
                        config.beat(),
                        Checks.of(config.beat().checks()),
                        List.of("recall", HeartbeatRespond.NAME));
        };
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put(
                StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION + setup.lane().id());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        return properties;
    }

    // ---- starting and stopping

    /** A chat lane that owns its partition. */
    public static TestLane chat(Path stateDir, String... settings) {
        return owner(Setup.of(Lane.CHAT, settings), stateDir);
    }

    /** A heartbeat lane that owns its partition. */
    public static TestLane heartbeat(Path stateDir, String... settings) {
        return owner(Setup.of(Lane.HEARTBEAT, settings), stateDir);
    }

    /** A lane that owns its partition. Its stores are empty: what the log holds it folds first. */
    public static TestLane owner(Setup setup, Path stateDir) {
        TestLane lane = started(setup, stateDir);
        lane.settle();
        return lane;
    }

    /** A lane with empty stores that has read nothing, and whose barrier is not in the log yet. */
    public static TestLane started(Setup setup, Path parent) {
        return new TestLane(setup, fresh(parent), new Inputs(new ArrayList<>()), NOW);
    }

    /** What a lane had when it last committed: its stores, and how much it had read. */
    public record Snapshot(Path stores, int inputs, int read) {}

    /** What would be left if the lane died now. */
    public Snapshot snapshot() {
        Path stores = fresh(stateDir.getParent());
        copyStores(stores);
        return new Snapshot(stores, inputs.records().size(), read);
    }

    /**
     * Dies, and comes back with the stores as they are, its barrier not in the log yet. What it had handed over is lost, but
     * for what the test took out of its effects.
     */
    public TestLane crash() {
        return crashBackTo(snapshot());
    }

    /** The same, with the stores as they were then. Inputs that it had taken since are for {@link #takeAgain}. */
    public TestLane crashBackTo(Snapshot then) {
        driver.close();
        return successor(then);
    }

    /** Stops on purpose, leaving the calls that wait to finish within {@code forMs}, and comes back in the same way. */
    public TestLane stop(long forMs) {
        Snapshot last = snapshot();
        List<MindEvent.CallRef> left = new ArrayList<>();
        effects.modelCalls.stream()
                .map(HeldEffects.Asked::call)
                .map(call -> new MindEvent.CallRef(call.agentId(), call.runId(), call.step(), null))
                .forEach(left::add);
        effects.toolCalls.stream()
                .map(Effects.ToolCall::call)
                .map(call -> new MindEvent.CallRef(call.agentId(), call.runId(), call.step(), call.callId()))
                .forEach(left::add);
        effects.appends.clear();
        driver.close();
        for (HeldEffects.Append checkpoint : effects.appends) {
            setup.log().append(checkpoint.key(), checkpoint.event(), now);
        }
        for (Tenure tenure : effects.handedOver) {
            setup.log()
                    .append(
                            "~" + setup.lane().id(),
                            new MindEvent(
                                    MindEvent.VERSION,
                                    "handover/" + tenure.incarnation(),
                                    now,
                                    setup.lane(),
                                    null,
                                    null,
                                    Origin.OPERATOR,
                                    tenure.incarnation(),
                                    new MindEvent.Handover(left, forMs)),
                            now);
        }
        return successor(last);
    }

    private TestLane successor(Snapshot from) {
        TestLane successor = new TestLane(setup, from.stores(), inputs, now);
        for (; successor.read < from.read(); successor.read++) {
            successor.pipe(setup.log().records().get(successor.read));
        }
        for (; successor.taken < from.inputs(); successor.taken++) {
            successor.pipe(inputs.records().get(successor.taken));
        }
        return successor;
    }

    /** Reads the inputs again that its predecessor had taken and not committed, and settles. */
    public void takeAgain() {
        for (; taken < inputs.records().size(); taken++) {
            pipe(inputs.records().get(taken));
        }
        settle();
    }

    private static Path fresh(Path parent) {
        try {
            return Files.createTempDirectory(parent, "state");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Entry by entry: the driver deletes its directory when it is closed, and flushes nothing before. */
    private void copyStores(Path to) {
        for (String name : driver.getAllStateStores().keySet()) {
            Path folder = to.resolve(APPLICATION + setup.lane().id(), "0_0", "rocksdb", name);
            try (Options options = new Options().setCreateIfMissing(true);
                    RocksDB copy = RocksDB.open(
                            options, Files.createDirectories(folder).toString());
                    KeyValueIterator<Bytes, byte[]> all =
                            driver.<Bytes, byte[]>getKeyValueStore(name).all()) {
                while (all.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = all.next();
                    copy.put(entry.key.get(), entry.value);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (RocksDBException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    // ---- inputs and the log

    /** Has the lane read an input, and the log all that follows. */
    public void read(String topic, JsonNode value) {
        read(topic, AGENT, value);
    }

    public void read(String topic, String agent, JsonNode value) {
        take(topic, agent, value);
        settle();
    }

    /** Has the lane read an input, and nothing else. */
    public void take(String topic, JsonNode value) {
        take(topic, AGENT, value);
    }

    public void take(String topic, String agent, JsonNode value) {
        take(topic, agent.getBytes(UTF_8), Json.write(value), new RecordHeaders());
    }

    public void take(String topic, byte[] key, byte[] value, RecordHeaders headers) {
        Input input = new Input(topic, key, value, headers, now);
        inputs.records().add(input);
        taken++;
        pipe(input);
    }

    /** Appends what the lane wants to have appended and has it read the log, until there is nothing more. */
    public void settle() {
        do {
            while (!effects.appends.isEmpty()) {
                HeldEffects.Append next = effects.appends.remove();
                setup.log().append(next.key(), next.event(), now);
            }
            catchUp();
        } while (!effects.appends.isEmpty());
    }

    /** Reads the log to its end, and appends nothing. */
    public void catchUp() {
        while (read < setup.log().size()) {
            pipe(setup.log().get(read++));
        }
    }

    /** Appends an event as anyone might, and settles. */
    public void append(String key, MindEvent event) {
        setup.log().append(key, event, now);
        settle();
    }

    /** Time goes by, and what was to be appended by then is. */
    public void advance(Duration time) {
        now += time.toMillis();
        driver.advanceWallClockTime(time);
        Map<String, HeldEffects.Delayed> waiting = new HashMap<>(effects.delayed);
        waiting.forEach((key, delayed) -> {
            if (delayed.delayMs() <= time.toMillis()) {
                effects.delayed.remove(key);
                effects.appends.add(delayed.append());
            }
        });
        settle();
    }

    /** Appends what is to be appended later, now. */
    public void passTime() {
        effects.delayed.values().forEach(delayed -> effects.appends.add(delayed.append()));
        effects.delayed.clear();
        settle();
    }

    private void pipe(TestLog.Entry entry) {
        driver.createInputTopic(TOPICS.mindLog(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(new TestRecord<>(
                        entry.rawKey(), entry.value(), new RecordHeaders(), Instant.ofEpochMilli(entry.timestamp())));
    }

    private void pipe(Input input) {
        driver.createInputTopic(input.topic(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(new TestRecord<>(
                        input.key(), input.value(), input.headers(), Instant.ofEpochMilli(input.timestamp())));
    }

    // ---- models and tools

    /** The oldest model call that waits is answered so. */
    public void answer(String stopReason, Content... content) {
        answer(effects.modelCalls.remove(), stopReason, content);
    }

    /** That model call is answered so, whoever asked for it. */
    public void answer(HeldEffects.Asked asked, String stopReason, Content... content) {
        Attempt attempt = attempt(asked.tenure());
        event(
                asked.call(),
                "completed/" + attempt,
                null,
                new MindEvent.StepCompleted(
                        asked.call().step(),
                        attempt,
                        1,
                        List.of(content),
                        stopReason,
                        USAGE,
                        MODEL,
                        7,
                        "anthropic",
                        "primary"));
    }

    /** The oldest model call that waits has failed for good. */
    public void fail(ErrorCode code) {
        HeldEffects.Asked asked = effects.modelCalls.remove();
        fail(asked, attempt(asked.tenure()), code, null);
    }

    /** The oldest model call that waits has failed and is to be made again. */
    public void failUntil(long retryAt) {
        HeldEffects.Asked asked = effects.modelCalls.remove();
        fail(asked, attempt(asked.tenure()), ErrorCode.MODEL_UNAVAILABLE, retryAt);
    }

    public void fail(HeldEffects.Asked asked, Attempt attempt, ErrorCode code, Long retryAt) {
        event(
                asked.call(),
                "failed/" + attempt,
                asked.tenure().incarnation(),
                new MindEvent.StepFailed(asked.call().step(), attempt, 1, code, "no answer", retryAt, Usage.NONE, 2));
    }

    /** A name for one more model call of that tenure, above all that this lane gave before. */
    public Attempt attempt(Tenure tenure) {
        long barrier = setup.log()
                .offsetOf(event -> event.body() instanceof MindEvent.Barrier(String of, int _, int _, int _)
                        && tenure.incarnation().equals(of));
        return new Attempt(barrier, attempts++);
    }

    private void event(Effects.ModelCall call, String what, String stamp, MindEvent.Body body) {
        append(
                call.agentId(),
                new MindEvent(
                        MindEvent.VERSION,
                        call.runId() + "/" + call.step() + "/" + what,
                        now,
                        setup.lane(),
                        call.runId(),
                        call.threadId(),
                        Origin.MODEL,
                        stamp,
                        body));
    }

    /** Makes the oldest tool call that waits. */
    public void callTool() throws InterruptedException {
        callTool(effects.toolCalls.remove());
    }

    public void callTool(Effects.ToolCall call) throws InterruptedException {
        Tool.Result result = tools.dispatch(call.call().tool(), call.call().input(), call.allowed(), call.invocation());
        append(
                call.call().agentId(),
                new MindEvent(
                        MindEvent.VERSION,
                        call.call().runId() + "/" + call.call().step() + "/tool/"
                                + call.call().callId(),
                        now,
                        setup.lane(),
                        call.call().runId(),
                        call.call().threadId(),
                        Origin.TOOL,
                        null,
                        new MindEvent.ToolCompleted(
                                call.call().step(),
                                call.call().callId(),
                                call.call().tool(),
                                result.text(),
                                result.isError(),
                                result.writes(),
                                result.endsRun())));
    }

    /** The runs whose model calls wait, oldest call first. */
    public List<String> thinking() {
        return effects.modelCalls.stream().map(asked -> asked.call().runId()).toList();
    }

    // ---- what the lane wrote

    /** The records on that topic since the last look. */
    public List<JsonNode> written(String topic) {
        List<JsonNode> values = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : records(topic)) {
            JsonNode headers = headers(record);
            assertThat(SchemaCheck.problems(topic, record.value())).isEmpty();
            assertThat(CLOSED.problems("headers.json#/$defs/output", headers)).isEmpty();
            assertThat(headers.path("ce_subject").asString()).isEqualTo(new String(record.key(), UTF_8));
            values.add(Json.tree(record.value()));
        }
        return values;
    }

    /** Dead letters since the last look: why each of them is one. */
    public List<String> deadLetters(String topic) {
        List<String> reasons = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : records(topic)) {
            JsonNode headers = headers(record);
            assertThat(PUBLISHED.problems("headers.json#/$defs/deadLetter", headers))
                    .isEmpty();
            reasons.add(headers.path("noesis_error").asString());
        }
        return reasons;
    }

    /** The records on that topic since the last look, as they are. */
    public List<TestRecord<byte[], byte[]>> records(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** The events of streams that follow from the log, since the last look. */
    public List<JsonNode> streamed() {
        String topic = setup.lane() == Lane.CHAT ? TOPICS.chatEvents() : TOPICS.heartbeatEvents();
        List<JsonNode> events = new ArrayList<>();
        for (; streamed < effects.published.size(); streamed++) {
            byte[] value = effects.published.get(streamed).json(now);
            assertThat(SchemaCheck.problems(topic, value)).isEmpty();
            events.add(Json.tree(value));
        }
        return events;
    }

    public static ObjectNode headers(TestRecord<byte[], byte[]> record) {
        ObjectNode headers = Json.object();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : new String(header.value(), UTF_8));
        }
        return headers;
    }

    // ---- what the lane knows

    public TestLog log() {
        return setup.log();
    }

    public long now() {
        return now;
    }

    /** What this lane's barrier is named. */
    public String incarnation() {
        return incarnation;
    }

    /** How far the lane has folded, and the hashes there. */
    public Fold.Position position() {
        byte[] folded = section(LaneProcessor.POSITION_SECTION).get("fold");
        return folded == null ? Fold.Position.START : Json.read(folded, Fold.Position.class);
    }

    /** The keys of what is decided and not known to be done, with / between their parts. */
    public List<String> outbox() {
        List<String> keys = new ArrayList<>();
        for (String kind : List.of("a", "m", "p", "t")) {
            section(LaneProcessor.OUTBOX_SECTION).scan(kind, (key, _) -> keys.add(key.replace('\0', '/')));
        }
        return keys;
    }

    /** What a metric says now: a count, a value, or how many times a timer was told. Tags are names and values in turn. */
    public double measured(Metric metric, String... tags) {
        Meter meter = metrics.get(metric.id()).tags(tags).meter();
        return meter.measure().iterator().next().getValue();
    }

    /** The longest time that a timer was told, in seconds. */
    public double longest(Metric timer) {
        return metrics.get(timer.id()).timer().max(TimeUnit.SECONDS);
    }

    /** The lane's own time. */
    private final class LanesClock implements Clock {
        @Override
        public long wallTime() {
            return now;
        }

        @Override
        public long monotonicTime() {
            return TimeUnit.MILLISECONDS.toNanos(now);
        }
    }

    /** The values that a front keeps in its section under keys with that prefix. */
    public List<JsonNode> kept(String sectionName, String prefix) {
        List<JsonNode> kept = new ArrayList<>();
        section(sectionName).scan(prefix, (_, value) -> kept.add(Json.tree(value)));
        return kept;
    }

    /** A counter's value, whatever its tags. */
    public double counted(String counter) {
        return metrics.get(counter).counter().count();
    }

    private Entries section(String name) {
        KeyValueStore<Bytes, byte[]> store = driver.getKeyValueStore(LaneProcessor.STORE);
        return new Section(new StoreEntries(store), name);
    }

    @Override
    public void close() {
        driver.close();
    }
}
