package dev.noesis.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import dev.noesis.run.Effects;
import dev.noesis.run.StreamEvent;
import dev.noesis.serde.CloudEvents;
import dev.noesis.serde.Json;
import dev.noesis.testing.HeldEffects;
import dev.noesis.testing.TestLane;
import dev.noesis.testing.TestLog;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import tools.jackson.databind.node.ObjectNode;

/**
 * A history as both lanes' topologies write it, over everything that a seed has happen to them: chats with tools, repeats,
 * refusals, cancels, deletions, ticks, reactions to findings, tunings, wrong inputs, failures, deaths, handovers, zombies, answers that come too late, and
 * poison in the log. The test plays the model, and streams what it answers.
 */
final class Generated implements AutoCloseable {
    private static final Topics TOPICS = new Topics("");

    private final RandomGenerator random;
    private final TestLog log = new TestLog();
    private final Map<String, List<Seen>> records = new HashMap<>();
    private final Map<Lane, Integer> published = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private TestLane chat;
    private TestLane heartbeat;
    private int ids;
    /** The fingerprint of the finding that a run decided about last. */
    private String shown = "0000000000000000";
    /** A call of a task that died, with the lane that made it: it may still answer. */
    private HeldEffects.Asked lost;

    private Generated(long seed, Path stateDir) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        chat = TestLane.owner(
                TestLane.Setup.of(Lane.CHAT, "chat.max.queued.per.agent=4").on(log), stateDir);
        heartbeat = TestLane.owner(TestLane.Setup.of(Lane.HEARTBEAT).on(log), stateDir);
    }

    /** All is answered at its end, and both lanes have handed over. */
    static RecordedHistory history(long seed, int rounds, Path stateDir) throws InterruptedException {
        try (Generated generated = new Generated(seed, stateDir)) {
            for (int round = 0; round < rounds; round++) {
                generated.step();
                generated.agree();
            }
            generated.drain();
            return generated.written();
        }
    }

    // ---- what happens

    private void step() throws InterruptedException {
        String agent = "agent" + random.nextInt(3);
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> request(agent, "r" + ids++);
            case 4 -> request(agent, "r" + random.nextInt(ids + 1));
            case 5 -> wrong(agent);
            case 6 -> {
                ObjectNode cancel = Json.object().put("type", "cancel").put("threadId", "t0");
                take(
                        chat,
                        TOPICS.chatRequests(),
                        agent,
                        Json.write(cancel.put("runId", "r" + random.nextInt(ids + 1))));
            }
            case 7 -> {
                int dice = random.nextInt(6);
                if (dice == 0) {
                    tuning(agent);
                } else if (dice < 3) {
                    reaction(agent);
                } else {
                    signal(agent);
                }
            }
            case 8, 9 -> {
                signal(agent);
                tick(agent, "k" + ids++);
            }
            case 10 -> tick(agent, "k" + random.nextInt(ids + 1));
            case 11, 12, 13 -> answer(chat);
            case 14 -> answer(heartbeat);
            case 15 -> callTool(random.nextBoolean() ? chat : heartbeat);
            case 16 -> fail(random.nextBoolean() ? chat : heartbeat);
            case 17 -> restart();
            case 18 -> strange(agent);
            default -> pass();
        }
    }

    private void request(String agent, String runId) {
        requests.add(agent + " " + runId);
        ObjectNode request =
                Json.object().put("threadId", "t" + random.nextInt(2)).put("runId", runId);
        request.putArray("messages").addObject().put("role", "user").put("content", "hello");
        if (random.nextInt(4) == 0) {
            request.putObject("forwardedProps")
                    .putObject("noesis")
                    .put("multitask", random.nextBoolean() ? "reject" : "interrupt");
        }
        take(chat, TOPICS.chatRequests(), agent, Json.write(request));
    }

    private void wrong(String agent) {
        boolean isChat = random.nextBoolean();
        TestLane lane = isChat ? chat : heartbeat;
        String topic =
                isChat ? TOPICS.chatRequests() : random.nextBoolean() ? TOPICS.heartbeatTicks() : TOPICS.agentSignals();
        switch (random.nextInt(4)) {
            case 0 -> take(lane, topic, agent, "{\"cut".getBytes(UTF_8));
            case 1 ->
                take(lane, topic, "no agent's name", Json.write(Json.object().put("runId", "r1")));
            case 2 ->
                take(
                        lane,
                        topic,
                        agent,
                        Json.write(Json.object().put("runId", "").put("tickId", 7)));
            default ->
                take(
                        chat,
                        TOPICS.chatRequests(),
                        agent,
                        Json.write(Json.object().put("runId", "bad" + ids++).put("threadId", "")));
        }
    }

    private void signal(String agent) {
        ObjectNode signal =
                Json.object().put("signalId", "s" + ids++).put("source", "test").put("summary", "something happened");
        take(heartbeat, TOPICS.agentSignals(), agent, Json.write(signal));
    }

    /** To a finding that a run decided about; it may be another agent's. */
    private void reaction(String agent) {
        ObjectNode reaction = Json.object()
                .put("type", "reaction")
                .put("fingerprint", shown)
                .put("action", List.of("acknowledge", "resolve", "dismiss").get(random.nextInt(3)));
        take(heartbeat, TOPICS.agentSignals(), agent, Json.write(reaction));
    }

    private void tuning(String agent) {
        ObjectNode tuning = Json.object().put("type", "tuning").put("check", "disk");
        switch (random.nextInt(4)) {
            case 0 -> tuning.put("every", "PT10M");
            case 1 -> tuning.putNull("every");
            case 2 -> tuning.put("every", "P31D");
            default -> tuning.put("pinned", random.nextBoolean());
        }
        take(heartbeat, TOPICS.agentSignals(), agent, Json.write(tuning));
    }

    private void tick(String agent, String tickId) {
        take(heartbeat, TOPICS.heartbeatTicks(), agent, Json.write(Json.object().put("tickId", tickId)));
    }

    private void callTool(TestLane lane) throws InterruptedException {
        if (!lane.effects.toolCalls.isEmpty()) {
            lane.callTool();
        }
    }

    private void fail(TestLane lane) {
        if (!lane.effects.modelCalls.isEmpty()) {
            HeldEffects.Asked asked = lane.effects.modelCalls.remove();
            Attempt attempt = attempt(lane, asked);
            long seq = stream(lane, asked.call(), attempt, "not to the end", random.nextInt(3));
            Long retryAt = random.nextBoolean() ? lane.now() + 1_000 : null;
            append(
                    lane,
                    asked,
                    "failed/" + attempt,
                    asked.tenure().incarnation(),
                    new MindEvent.StepFailed(
                            asked.call().step(),
                            attempt,
                            1,
                            ErrorCode.MODEL_UNAVAILABLE,
                            "no answer",
                            retryAt,
                            Usage.NONE,
                            seq));
        }
    }

    private void answer(TestLane lane) {
        if (!lane.effects.modelCalls.isEmpty()) {
            answer(lane, lane.effects.modelCalls.remove());
        }
    }

    private void answer(TestLane lane, HeldEffects.Asked asked) {
        Attempt attempt = attempt(lane, asked);
        String text = "answer " + ids++ + " to " + asked.call().runId() + ", word by word by word";
        long seq = stream(lane, asked.call(), attempt, text, Integer.MAX_VALUE);
        List<Content> content = new ArrayList<>(List.of(new Content.Text(text)));
        boolean calls = lane == heartbeat || random.nextInt(3) == 0;
        if (calls) {
            content.add(
                    lane == heartbeat
                            ? new Content.ToolUse("c", "heartbeat_respond", decisions(asked))
                            : new Content.ToolUse("c", "learn_fact", "{\"subject\":\"s\",\"statement\":\"x\"}"));
        }
        append(
                lane,
                asked,
                "completed/" + attempt,
                null,
                new MindEvent.StepCompleted(
                        asked.call().step(),
                        attempt,
                        1,
                        content,
                        calls ? "tool_use" : "end_turn",
                        TestLane.USAGE,
                        TestLane.MODEL,
                        seq,
                        "anthropic",
                        "primary"));
    }

    /** Named by its task's barrier, whichever lane is there by now. */
    private Attempt attempt(TestLane lane, HeldEffects.Asked asked) {
        return new Attempt(lane.attempt(asked.tenure()).barrier(), ids++);
    }

    private void append(TestLane lane, HeldEffects.Asked asked, String what, String stamp, MindEvent.Body body) {
        Effects.ModelCall call = asked.call();
        lane.append(
                call.agentId(),
                new MindEvent(
                        MindEvent.VERSION,
                        call.runId() + "/" + call.step() + "/" + what,
                        lane.now(),
                        lane == chat ? Lane.CHAT : Lane.HEARTBEAT,
                        call.runId(),
                        call.threadId(),
                        Origin.MODEL,
                        stamp,
                        body));
    }

    private String decisions(HeldEffects.Asked asked) {
        ObjectNode arguments = Json.object();
        var decisions = arguments.putArray("decisions");
        asked.call()
                .request()
                .messages()
                .getFirst()
                .text()
                .lines()
                .filter(line -> line.startsWith("- ["))
                .map(line -> line.substring(3, line.indexOf(']')))
                .forEach(fingerprint -> {
                    shown = fingerprint;
                    decisions
                            .addObject()
                            .put("fingerprint", fingerprint)
                            .put(
                                    "action",
                                    List.of("acknowledge", "notify", "act", "defer")
                                            .get(random.nextInt(4)))
                            .put("text", "about it");
                });
        return arguments.toString();
    }

    /** A call that was in flight has streamed something, and may come back when its task has died. */
    private void restart() {
        boolean isChat = random.nextBoolean();
        TestLane lane = isChat ? chat : heartbeat;
        collect();
        boolean dies = random.nextInt(3) > 0;
        if (!lane.effects.modelCalls.isEmpty() && dies) {
            lost = isChat ? lane.effects.modelCalls.getFirst() : lost;
            HeldEffects.Asked cut = lane.effects.modelCalls.getLast();
            stream(lane, cut.call(), attempt(lane, cut), "cut off in the middle", 1 + random.nextInt(4));
        }
        TestLane next = dies ? lane.crash() : lane.stop(1_000);
        published.put(isChat ? Lane.CHAT : Lane.HEARTBEAT, 0);
        if (isChat) {
            chat = next;
        } else {
            heartbeat = next;
        }
    }

    /** What is written by someone who should not, or too late. */
    private void strange(String agent) {
        switch (random.nextInt(3)) {
            case 0 -> log.appendRaw(agent, "garbage".getBytes(UTF_8), chat.now());
            case 1 -> {
                MindEvent cancelled = new MindEvent(
                        "zombie/" + ids++,
                        0,
                        Lane.CHAT,
                        "r" + random.nextInt(ids),
                        "t0",
                        Origin.USER,
                        "a zombie",
                        new MindEvent.RunCancelled("a zombie says so"));
                log.append(agent, cancelled, chat.now());
            }
            default -> {
                if (lost != null) {
                    HeldEffects.Asked late = lost;
                    lost = null;
                    answer(chat, late);
                }
            }
        }
    }

    private void pass() {
        if (random.nextInt(6) == 0) {
            take(
                    chat,
                    TOPICS.chatRequests(),
                    "agent" + random.nextInt(3),
                    Json.write(Json.object().put("type", "delete")));
        } else {
            Duration time = Duration.ofSeconds(random.nextInt(90));
            chat.advance(time);
            heartbeat.advance(time);
        }
    }

    private void drain() throws InterruptedException {
        agree();
        for (int quiet = 0; quiet < 3; quiet++) {
            for (TestLane lane : List.of(chat, heartbeat)) {
                while (!lane.effects.modelCalls.isEmpty() || !lane.effects.toolCalls.isEmpty()) {
                    quiet = 0;
                    answer(lane);
                    callTool(lane);
                    agree();
                }
                // calls that are to be made again
                lane.advance(Duration.ofSeconds(2));
                agree();
            }
        }
        collect();
        chat = chat.stop(0);
        published.put(Lane.CHAT, 0);
        heartbeat.settle();
        collect();
        heartbeat = heartbeat.stop(0);
        published.put(Lane.HEARTBEAT, 0);
    }

    private void agree() {
        int settled;
        do {
            settled = log.size();
            chat.settle();
            heartbeat.settle();
        } while (log.size() > settled);
        collect();
    }

    // ---- what is written

    private void take(TestLane lane, String topic, String key, byte[] value) {
        add(topic, key.getBytes(UTF_8), value, new RecordHeaders(), lane.now());
        lane.take(topic, key.getBytes(UTF_8), value, new RecordHeaders());
    }

    /** Streams an attempt, or the first events of it, and says what number comes next. */
    private long stream(TestLane lane, Effects.ModelCall call, Attempt attempt, String text, int limit) {
        collect();
        List<StreamEvent> events = new ArrayList<>();
        event(events, call, attempt, "RUN_STARTED", Json.object());
        event(events, call, attempt, "TEXT_MESSAGE_START", Json.object());
        for (int at = 0; at < text.length(); at += 7) {
            String delta = text.substring(at, Math.min(text.length(), at + 7));
            event(events, call, attempt, "TEXT_MESSAGE_CONTENT", Json.object().put("delta", delta));
        }
        event(events, call, attempt, "TEXT_MESSAGE_END", Json.object());
        List<StreamEvent> sent = events.subList(0, Math.min(limit, events.size()));
        sent.forEach(event -> publish(lane, event));
        return sent.size();
    }

    private static void event(
            List<StreamEvent> events, Effects.ModelCall call, Attempt attempt, String type, ObjectNode body) {
        events.add(new StreamEvent(
                type,
                call.agentId(),
                call.threadId(),
                call.runId(),
                call.step(),
                attempt,
                (long) events.size(),
                call.traceparent(),
                body));
    }

    private void publish(TestLane lane, StreamEvent event) {
        Headers headers = CloudEvents.headers(
                event.id(), "dev.noesis." + event.type(), "noesis", event.agentId(), lane.now(), event.traceparent());
        String topic = lane == chat ? TOPICS.chatEvents() : TOPICS.heartbeatEvents();
        add(topic, event.agentId().getBytes(UTF_8), event.json(lane.now()), headers, lane.now());
    }

    private void collect() {
        collect(chat, Lane.CHAT, TOPICS.chatReplies(), TOPICS.chatDlq());
        collect(heartbeat, Lane.HEARTBEAT, TOPICS.heartbeatOutcomes(), TOPICS.agentAttention(), TOPICS.heartbeatDlq());
    }

    private void collect(TestLane lane, Lane of, String... sinks) {
        List<StreamEvent> events = lane.effects.published;
        events.subList(published.getOrDefault(of, 0), events.size()).forEach(event -> publish(lane, event));
        published.put(of, events.size());
        for (String sink : sinks) {
            for (TestRecord<byte[], byte[]> record : lane.records(sink)) {
                add(sink, record.key(), record.value(), record.headers(), record.timestamp());
            }
        }
    }

    private void add(String topic, byte[] key, byte[] value, Headers headers, long timestamp) {
        List<Seen> all = records.computeIfAbsent(topic, _ -> new ArrayList<>());
        all.add(new Seen(topic, 0, all.size(), timestamp, key, value, text(headers)));
    }

    private static Map<String, String> text(Headers headers) {
        Map<String, String> text = new LinkedHashMap<>();
        headers.forEach(header -> text.put(header.key(), new String(header.value(), UTF_8)));
        return text;
    }

    private RecordedHistory written() {
        for (TestLog.Entry entry : log.records()) {
            add(
                    TOPICS.mindLog(),
                    entry.rawKey(),
                    entry.value(),
                    CloudEvents.headers("id", "type", "noesis", entry.key(), entry.timestamp(), "00-1-1-00"),
                    entry.timestamp());
        }
        return new RecordedHistory(TOPICS, 1, records);
    }

    @Override
    public void close() {
        chat.close();
        heartbeat.close();
    }
}
