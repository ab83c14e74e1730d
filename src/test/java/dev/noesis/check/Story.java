package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.Fold;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.Schedules;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Reaction;
import dev.noesis.model.RunSpec;
import dev.noesis.model.ScheduledTick;
import dev.noesis.model.Usage;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small history that breaks no rule, written by hand, for tests that spoil it: a run that uses a tool and is sent twice, one
 * that fails, one that is cancelled before it begins, one that is refused, a tick, sent twice, that tells a human, and one that a schedule made due.
 */
final class Story {
    static final String AGENT = "ada";
    static final Topics TOPICS = new Topics("");
    private static final long NOW = 1_800_000_000_000L;
    private static final long HOUR_MS = 3_600_000;
    private static final Usage USAGE = new Usage(10, 5, 0, 0);

    /** The events of the log; a checkpoint's hashes are filled in as they should be unless it has some. */
    final List<Logged> log = new ArrayList<>();

    private final Map<String, List<Seen>> records = new HashMap<>();

    record Logged(String key, MindEvent event) {}

    Story() {
        logBegins();
        requests();
        replies();
        streams();
        heartbeat();
        scheduler();
    }

    RecordedHistory history() {
        return history(1);
    }

    RecordedHistory history(int partitions) {
        Map<String, List<Seen>> all = new HashMap<>(records);
        all.put(TOPICS.mindLog(), written());
        return new RecordedHistory(TOPICS, partitions, all);
    }

    // ---- spoiling it

    List<Seen> of(String topic) {
        return records.computeIfAbsent(topic, _ -> new ArrayList<>());
    }

    /** The index of the first record of that topic whose value has this text. */
    int find(String topic, String text) {
        List<Seen> all = of(topic);
        for (int i = 0; i < all.size(); i++) {
            if (new String(all.get(i).value(), UTF_8).contains(text)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no record of " + topic + " has " + text);
    }

    void drop(String topic, String text) {
        of(topic).remove(find(topic, text));
    }

    /** Writes it a second time, at the end. */
    void repeat(String topic, String text) {
        Seen record = of(topic).get(find(topic, text));
        add(topic, record.agent(), record.value(), record.headers());
    }

    void edit(String topic, String text, Consumer<ObjectNode> change) {
        int at = find(topic, text);
        ObjectNode json = (ObjectNode) of(topic).get(at).json();
        change.accept(json);
        of(topic).set(at, of(topic).get(at).withValue(Json.write(json)));
    }

    void add(String topic, ObjectNode value) {
        add(topic, AGENT, Json.write(value), headers("x"));
    }

    /** The index of the first event of the log with that id. */
    int logged(String eventId) {
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).event().eventId().equals(eventId)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no event is named " + eventId);
    }

    static MindEvent barrier(Lane lane, String incarnation) {
        return event(
                "barrier/" + incarnation,
                lane,
                null,
                null,
                new MindEvent.Barrier(incarnation, MindEvent.VERSION, 1, 1));
    }

    static MindEvent handover(String stamp) {
        return event("handover/" + stamp, Lane.CHAT, null, stamp, new MindEvent.Handover(List.of(), 1_000));
    }

    static MindEvent checkpoint(Lane lane, long offset, String storeHash) {
        return event(
                "checkpoint/" + lane.id() + "/" + offset,
                lane,
                null,
                null,
                new MindEvent.Checkpoint(offset, "", storeHash, Cognition.FOLD_VERSION));
    }

    static MindEvent raised(String tickId, String fingerprint) {
        return event(
                "tick/" + tickId + "/raised",
                Lane.HEARTBEAT,
                null,
                "h1",
                new MindEvent.FindingsRaised(
                        tickId,
                        List.of(new Finding(fingerprint, "signals", "its", "late", Finding.Urgency.NORMAL, true, null)),
                        null));
    }

    static MindEvent reacted(String fingerprint, Reaction action, long requestOffset) {
        return event(
                "reaction/" + requestOffset,
                Lane.HEARTBEAT,
                null,
                "h1",
                new MindEvent.FindingReacted(fingerprint, action, null, null, requestOffset, null));
    }

    static MindEvent tuned(String check, long requestOffset) {
        return event(
                "tuning/" + requestOffset,
                Lane.HEARTBEAT,
                null,
                "h1",
                new MindEvent.CheckTuned(check, 600_000L, false, null, requestOffset, null));
    }

    static MindEvent opened(Lane lane, String stamp, String runId, long requestOffset) {
        return opened(lane, stamp, runId, requestOffset, lane == Lane.HEARTBEAT ? "k1" : null);
    }

    /** The run of a heartbeat's tick, by its name. */
    static MindEvent openedBy(String stamp, String runId) {
        return opened(Lane.HEARTBEAT, stamp, runId, -1, runId.substring("heartbeat-".length()));
    }

    static MindEvent cancelled(String stamp, String runId) {
        return event(runId + "/cancelled", Lane.HEARTBEAT, runId, stamp, new MindEvent.RunCancelled("enough"));
    }

    private static MindEvent opened(
            Lane lane, String stamp, String runId, long requestOffset, @Nullable String tickId) {
        boolean beat = lane == Lane.HEARTBEAT;
        RunSpec spec = new RunSpec(
                NOW,
                NOW + 60_000,
                10,
                60_000,
                null,
                null,
                null,
                List.of(),
                beat ? "heartbeat_respond" : null,
                List.of(),
                List.of(),
                null,
                tickId,
                null);
        return event(
                runId + "/opened",
                lane,
                runId,
                stamp,
                new MindEvent.RunOpened(spec, List.of(Message.user(runId + "-m", "hello")), requestOffset));
    }

    static MindEvent completed(Lane lane, String runId, int step, Attempt attempt, long nextSeq, Content... content) {
        boolean tools = List.of(content).stream().anyMatch(Content.ToolUse.class::isInstance);
        return event(
                runId + "/" + step + "/completed/" + attempt,
                lane,
                runId,
                null,
                new MindEvent.StepCompleted(
                        step,
                        attempt,
                        1,
                        List.of(content),
                        tools ? "tool_use" : "end_turn",
                        USAGE,
                        "m",
                        nextSeq,
                        "anthropic",
                        "primary"));
    }

    static MindEvent failed(String stamp, String runId, Attempt attempt) {
        return event(
                runId + "/0/failed/" + attempt,
                Lane.CHAT,
                runId,
                stamp,
                new MindEvent.StepFailed(0, attempt, 4, ErrorCode.MODEL_UNAVAILABLE, "no", null, USAGE, 1));
    }

    private static MindEvent event(
            String id, Lane lane, @Nullable String runId, @Nullable String stamp, MindEvent.Body body) {
        String thread = runId == null ? null : lane == Lane.HEARTBEAT ? runId : "t1";
        return new MindEvent(MindEvent.VERSION, id, NOW, lane, runId, thread, Origin.MODEL, stamp, body);
    }

    // ---- the story

    private void logBegins() {
        partition(barrier(Lane.CHAT, "c1"));
        partition(barrier(Lane.HEARTBEAT, "h1"));
        agent(opened(Lane.CHAT, "c1", "r1", 0));
        agent(completed(
                Lane.CHAT,
                "r1",
                0,
                new Attempt(0, 0),
                3,
                new Content.Text("One moment."),
                new Content.ToolUse("u1", "learn_fact", "{}")));
        // of a task that lost the partition: it decides nothing
        agent(failed("c0", "r1", new Attempt(0, 9)));
        agent(tool("r1", "u1", false, List.of()));
        agent(completed(Lane.CHAT, "r1", 1, new Attempt(0, 1), 2, new Content.Text("Noted.")));
        agent(completed(Lane.CHAT, "r1", 1, new Attempt(0, 2), 1, new Content.Text("Too late.")));
        agent(opened(Lane.CHAT, "c1", "r2", 1));
        agent(failed("c1", "r2", new Attempt(0, 3)));
        agent(event("r3/cancelled", Lane.CHAT, "r3", "c1", new MindEvent.RunCancelled("enough")));
        agent(raised("k1", "f1"));
        agent(opened(Lane.HEARTBEAT, "h1", "heartbeat-k1", -1));
        agent(completed(
                Lane.HEARTBEAT,
                "heartbeat-k1",
                0,
                new Attempt(1, 0),
                1,
                new Content.ToolUse("u1", "heartbeat_respond", "{}")));
        agent(tool(
                "heartbeat-k1",
                "u1",
                true,
                List.of(new MemoryWrite.DecideFinding("f1", MemoryWrite.Action.NOTIFY, "late"))));
        agent(event(
                "schedule/0", Lane.HEARTBEAT, null, "h1", new MindEvent.ScheduleSet(Schedules.every("PT1H"), 0L, 12L)));
        partition(checkpoint(Lane.CHAT, 12, ""));
        partition(checkpoint(Lane.HEARTBEAT, 12, ""));
    }

    private static MindEvent tool(String runId, String callId, boolean endsRun, List<MemoryWrite> writes) {
        return event(
                runId + "/0/tool/" + callId,
                runId.startsWith("heartbeat") ? Lane.HEARTBEAT : Lane.CHAT,
                runId,
                null,
                new MindEvent.ToolCompleted(0, callId, "a tool", "Done.", false, writes, endsRun));
    }

    private void agent(MindEvent event) {
        log.add(new Logged(AGENT, event));
    }

    private void partition(MindEvent event) {
        log.add(new Logged("~" + event.lane().id(), event));
    }

    private void requests() {
        for (String runId : List.of("r1", "r2", "r3")) {
            add(TOPICS.chatRequests(), input(runId));
        }
        add(TOPICS.chatRequests(), input("r3").put("type", "cancel"));
        add(TOPICS.chatRequests(), input("r1"));
        add(TOPICS.chatRequests(), Json.object().put("runId", "r4"));
        add(TOPICS.chatRequests(), AGENT, "not JSON".getBytes(UTF_8), Map.of());
        add(
                TOPICS.chatDlq(),
                AGENT,
                "not JSON".getBytes(UTF_8),
                Map.of("noesis_topic", TOPICS.chatRequests(), "noesis_partition", "0", "noesis_offset", "6"));
    }

    private static ObjectNode input(String runId) {
        return Json.object().put("threadId", "t1").put("runId", runId);
    }

    private void replies() {
        ObjectNode r1 = ended("RUN_FINISHED", "r1", 30);
        r1.putObject("outcome").put("type", "success");
        ObjectNode result = r1.putObject("result")
                .put("stopReason", "end_turn")
                .put("steps", 2)
                .put("attempts", 2);
        var messages = result.putArray("messages");
        messages.addObject()
                .put("id", "r1/0")
                .put("role", "assistant")
                .put("content", "One moment.")
                .putArray("toolCalls")
                .addObject()
                .put("id", "u1")
                .putObject("function")
                .put("name", "learn_fact")
                .put("arguments", "{}");
        messages.addObject()
                .put("id", "r1/0/tools/u1")
                .put("role", "tool")
                .put("toolCallId", "u1")
                .put("content", "Done.");
        messages.addObject().put("id", "r1/1").put("role", "assistant").put("content", "Noted.");
        reply(r1);
        reply(ended("RUN_ERROR", "r2", 15).put("code", "model_unavailable").put("message", "no"));
        ObjectNode r3 = ended("RUN_FINISHED", "r3", 0);
        r3.putObject("outcome").put("type", "cancelled").put("reason", "enough");
        r3.putObject("result").put("steps", 0).put("attempts", 0).putArray("messages");
        reply(r3);
        reply(Json.object().put("type", "RUN_ERROR").put("runId", "r4").put("code", "invalid_request"));
    }

    private void reply(ObjectNode reply) {
        String runId = reply.path("runId").asString();
        reply.putObject("metadata").putObject("noesis").put("runId", runId);
        add(TOPICS.chatReplies(), AGENT, Json.write(reply), headers(runId));
    }

    private static ObjectNode ended(String type, String runId, long tokens) {
        ObjectNode reply = Json.object().put("type", type).put("threadId", "t1").put("runId", runId);
        reply.putObject("usage")
                .put("inputTokens", tokens - tokens / 3)
                .put("outputTokens", tokens / 3)
                .put("totalTokens", tokens)
                .put("cacheReadTokens", 0)
                .put("cacheWriteTokens", 0);
        return reply;
    }

    private void streams() {
        streamed("r1", 0, 0, "RUN_STARTED", "");
        streamed("r1", 0, 1, "TEXT_MESSAGE_CONTENT", "One ");
        streamed("r1", 0, 2, "TEXT_MESSAGE_CONTENT", "moment.");
        streamed("r1", 0, 3, "TOOL_CALL_RESULT", "");
        streamed("r1", 0, 4, "STEP_FINISHED", "");
        streamed("r1", 1, 0, "STEP_STARTED", "");
        streamed("r1", 1, 1, "TEXT_MESSAGE_CONTENT", "Noted.");
        streamed("r1", 1, 2, "STEP_FINISHED", "");
        streamed("r1", 1, 3, "RUN_FINISHED", "");
        streamed("r1", 2, 0, "TEXT_MESSAGE_CONTENT", "Too late.");
        streamed("r2", 3, 0, "RUN_STARTED", "");
        streamed("r2", 3, 1, "RUN_ERROR", "");
        add(TOPICS.chatEvents(), Json.object().put("type", "RUN_FINISHED").put("runId", "r3"));
        add(
                TOPICS.chatEvents(),
                Json.object().put("type", "CUSTOM").put("runId", "r1").put("name", "noesis.duplicate"));
        add(TOPICS.heartbeatEvents(), event("heartbeat-k1", 1, 0, 0, "RUN_STARTED", ""));
        add(TOPICS.heartbeatEvents(), event("heartbeat-k1", 1, 0, 1, "TOOL_CALL_RESULT", ""));
        add(TOPICS.heartbeatEvents(), event("heartbeat-k1", 1, 0, 2, "STEP_FINISHED", ""));
        add(TOPICS.heartbeatEvents(), event("heartbeat-k1", 1, 0, 3, "RUN_FINISHED", ""));
    }

    private void streamed(String runId, int n, int seq, String type, String delta) {
        add(TOPICS.chatEvents(), event(runId, 0, n, seq, type, delta));
    }

    private static ObjectNode event(String runId, int barrier, int n, int seq, String type, String delta) {
        ObjectNode event = Json.object().put("type", type).put("runId", runId).put("delta", delta);
        ObjectNode place = event.putObject("metadata").putObject("noesis").put("seq", seq);
        place.putArray("attempt").add(barrier).add(n);
        return event;
    }

    private void heartbeat() {
        add(
                TOPICS.agentSignals(),
                Json.object().put("signalId", "s1").put("source", "its").put("summary", "late"));
        add(TOPICS.heartbeatTicks(), Json.object().put("tickId", "k1"));
        add(TOPICS.heartbeatTicks(), Json.object().put("tickId", "k1"));
        ObjectNode outcome =
                Json.object().put("tickId", "k1").put("status", "notified").put("runId", "heartbeat-k1");
        outcome.putArray("checks").addObject().put("name", "signals").put("findings", 1);
        outcome.putArray("findings")
                .addObject()
                .put("fingerprint", "f1")
                .put("urgency", "normal")
                .put("decision", "notify")
                .put("text", "late");
        outcome.put("model", "m").put("provider", "anthropic").put("target", "primary");
        outcome.putObject("usage").put("inputTokens", 10).put("outputTokens", 5).put("totalTokens", 15);
        add(TOPICS.heartbeatOutcomes(), AGENT, Json.write(outcome), headers("k1"));
        ObjectNode again =
                Json.object().put("tickId", "k1").put("status", "skipped").put("skipReason", "duplicate");
        again.putArray("checks");
        again.putArray("findings");
        add(TOPICS.heartbeatOutcomes(), AGENT, Json.write(again), headers("k1"));
        add(TOPICS.agentAttention(), AGENT, Json.write(attention()), headers("k1/f1"));
    }

    private void scheduler() {
        add(
                TOPICS.heartbeatSchedules(),
                Json.object().put("enabled", true).put("every", "PT1H").put("jitter", "PT0S"));
        ObjectNode due = Json.object()
                .put("tickId", new ScheduledTick(AGENT, NOW + HOUR_MS).id())
                .put("status", "skipped")
                .put("skipReason", "no_findings");
        due.putArray("checks");
        due.putArray("findings");
        add(
                TOPICS.heartbeatOutcomes(),
                AGENT,
                Json.write(due),
                headers(due.path("tickId").asString()));
    }

    static ObjectNode attention() {
        return Json.object()
                .put("attentionId", "k1/f1")
                .put("tickId", "k1")
                .put("fingerprint", "f1")
                .put("text", "late");
    }

    // ---- writing it down

    void add(String topic, String agent, byte[] value, Map<String, String> headers) {
        List<Seen> all = of(topic);
        long offset = all.isEmpty() ? 0 : all.getLast().offset() + 1;
        all.add(new Seen(topic, 0, offset, NOW, agent.getBytes(UTF_8), value, headers));
    }

    private List<Seen> written() {
        List<Seen> written = new ArrayList<>();
        Fold fold = new Fold(new MapEntries(), Fold.Position.START);
        Map<Long, Fold.Position> positions = new HashMap<>();
        for (Logged logged : log) {
            long offset = written.size();
            byte[] key = logged.key().getBytes(UTF_8);
            byte[] value = Json.write(filledIn(logged.event(), positions));
            fold.fold(offset, key, value, NOW + offset);
            positions.put(offset, fold.position());
            written.add(new Seen(TOPICS.mindLog(), 0, offset, NOW + offset, key, value, headers("log", logged.key())));
        }
        return written;
    }

    private static MindEvent filledIn(MindEvent event, Map<Long, Fold.Position> positions) {
        if (event.body() instanceof MindEvent.Checkpoint(long offset, String _, String store, int version)
                && positions.containsKey(offset)) {
            Fold.Position at = positions.get(offset);
            return event(
                    event.eventId(),
                    event.lane(),
                    null,
                    null,
                    new MindEvent.Checkpoint(
                            offset,
                            at.logHash().hex(),
                            store.isEmpty() ? at.storeHash().hex() : store,
                            version));
        }
        return event;
    }

    static Map<String, String> headers(String id) {
        return headers(id, AGENT);
    }

    static Map<String, String> headers(String id, String subject) {
        Map<String, String> headers = new LinkedHashMap<>();
        CloudEvents.headers(id, "a type", "its", subject, NOW, "00-1-1-00")
                .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }
}
