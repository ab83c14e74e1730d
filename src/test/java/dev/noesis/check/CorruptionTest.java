package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A history that both lanes wrote breaks no rule, whatever happened to them; and whichever of its replies, outcomes or log
 * records is dropped, doubled or changed in any field, that is found, but for what {@link #isHarmless} lists.
 */
class CorruptionTest {
    private static final Topics TOPICS = new Topics("");
    private static final int ROUNDS = 250;
    private static final int CORRUPTIONS = 400;

    @TempDir
    private Path stateDir;

    private RandomGenerator random;
    private RecordedHistory history;

    /** What was done to which record. {@code field} is a path, with * for any index; empty where no field was changed. */
    private record Corruption(String topic, int index, String how, String field) {}

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 42, 20_261_122})
    void whateverIsSpoiledIsFound(long seed) throws InterruptedException {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        history = Generated.history(seed, ROUNDS, stateDir);
        Report whole = Checker.check(history, Circumstances.DRAINED);
        assertThat(whole.violations()).as("seed %d", seed).isEmpty();
        assertThat(whole.chatEndings()).containsKeys("success");

        List<Corruption> overlooked = new ArrayList<>();
        for (int i = 0; i < CORRUPTIONS; i++) {
            String topic = List.of(TOPICS.mindLog(), TOPICS.chatReplies(), TOPICS.heartbeatOutcomes())
                    .get(i % 3);
            corrupt(topic).ifPresent(overlooked::add);
        }
        assertThat(overlooked).as("seed %d", seed).isEmpty();
    }

    /** Spoils one record of the topic; what was done if that was overlooked and is not harmless. */
    private Optional<Corruption> corrupt(String topic) {
        List<Seen> records = new ArrayList<>(history.of(topic));
        int index = random.nextInt(records.size());
        Corruption done = switch (random.nextInt(4)) {
            case 0 -> {
                records.remove(index);
                yield new Corruption(topic, index, "dropped", "");
            }
            case 1 -> {
                records.add(at(records.get(index), records.size()));
                yield new Corruption(topic, index, "doubled", "");
            }
            default -> {
                Seen record = records.get(index);
                String field = "";
                try {
                    JsonNode json = record.json();
                    field = change(json, "");
                    records.set(index, record.withValue(Json.write(json)));
                } catch (JacksonException e) {
                    records.set(index, record.withValue("other garbage".getBytes(UTF_8)));
                }
                yield new Corruption(topic, index, "changed", field);
            }
        };
        Map<String, List<Seen>> all = new HashMap<>(history.records());
        all.put(topic, records);
        Report report = Checker.check(new RecordedHistory(TOPICS, 1, all), Circumstances.DRAINED);
        return report.holds() && !isHarmless(done) ? Optional.of(done) : Optional.empty();
    }

    private static Seen at(Seen record, long offset) {
        return new Seen(record.topic(), 0, offset, record.timestamp(), record.key(), record.value(), record.headers());
    }

    /** Changes one leaf of the tree. */
    private String change(JsonNode node, String path) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = List.copyOf(object.propertyNames());
            String name = names.get(random.nextInt(names.size()));
            JsonNode child = object.get(name);
            if (child.isContainer() && !child.isEmpty()) {
                return change(child, path + "." + name);
            }
            object.set(name, other(child));
            return path + "." + name;
        }
        if (node instanceof ArrayNode array && !array.isEmpty()) {
            int index = random.nextInt(array.size());
            JsonNode child = array.get(index);
            if (child.isContainer() && !child.isEmpty()) {
                return change(child, path + ".*");
            }
            array.set(index, other(child));
        }
        return path + ".*";
    }

    private static JsonNode other(JsonNode leaf) {
        var nodes = Json.mapper().getNodeFactory();
        return leaf.isNumber()
                ? nodes.numberNode(leaf.asLong() + 1)
                : leaf.isBoolean()
                        ? nodes.booleanNode(!leaf.asBoolean())
                        : leaf.isString() ? nodes.stringNode(leaf.asString() + "x") : nodes.stringNode("x");
    }

    // ---- what need not be found

    /** Fields that are for people, or say what no other record does. */
    private static final Set<String> FOR_PEOPLE = Set.of(
            "chat.replies.timestamp",
            // why, in words; what the log says of a failure is held against the reply
            "chat.replies.message",
            "chat.replies.metadata.noesis.retryAfterMs",
            // AG-UI's form
            "chat.replies.result.messages.*.error",
            "chat.replies.result.messages.*.toolCalls.*.type",
            "heartbeat.outcomes.message",
            "heartbeat.outcomes.checks.*.name",
            "heartbeat.outcomes.checks.*.status",
            "heartbeat.outcomes.checks.*.tookMs");

    private boolean isHarmless(Corruption done) {
        if (done.topic().equals(TOPICS.mindLog())) {
            return isHarmlessInLog(done);
        }
        if (done.how().equals("doubled")) {
            return isRefusalOfManyRequests(done);
        }
        if (done.topic().equals(TOPICS.chatReplies()) && done.field().equals(".threadId")) {
            // of a refusal no other record names the thread
            return Set.of("invalid_request", "overloaded", "rejected_busy")
                    .contains(history.of(done.topic()).get(done.index()).text("code"));
        }
        return FOR_PEOPLE.contains(done.topic() + done.field());
    }

    /**
     * An append is repeated until a broker has it, so an event that comes again at the end counts for nothing. What stands
     * behind the last checkpoint's offset has no hash over it yet: here these are that checkpoint and two handovers.
     */
    private boolean isHarmlessInLog(Corruption done) {
        if (done.how().equals("doubled")) {
            return true;
        }
        List<Seen> log = history.of(TOPICS.mindLog());
        boolean isLast = done.index() == log.size() - 1;
        boolean isBehindLastCheckpoint = done.index() >= log.size() - 2;
        if (done.how().equals("dropped")) {
            return isLast;
        }
        boolean isOfCheckpoint =
                Json.read(log.get(log.size() - 2).value(), MindEvent.class).body() instanceof MindEvent.Checkpoint;
        assertThat(isOfCheckpoint).isTrue();
        return isBehindLastCheckpoint
                && !Set.of(".body.offset", ".body.logHash", ".body.storeHash").contains(done.field());
    }

    /** Which of several requests of one name was refused is told by no record, where others of them were duplicates. */
    private boolean isRefusalOfManyRequests(Corruption done) {
        Seen reply = history.of(done.topic()).get(done.index());
        if (!done.topic().equals(TOPICS.chatReplies())
                || !Set.of("invalid_request", "overloaded", "rejected_busy").contains(reply.text("code"))) {
            return false;
        }
        String runId = reply.text("runId");
        long replies = history.of(TOPICS.chatReplies()).stream()
                .filter(each ->
                        each.agent().equals(reply.agent()) && each.text("runId").equals(runId))
                .count();
        long requests = history.of(TOPICS.chatRequests()).stream()
                .filter(each -> each.agent().equals(reply.agent())
                        && new String(each.value(), UTF_8).contains("\"runId\":\"" + runId + "\""))
                .count();
        return replies < requests;
    }
}
