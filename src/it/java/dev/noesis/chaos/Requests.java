package dev.noesis.chaos;

import dev.noesis.heartbeat.Fingerprint;
import dev.noesis.it.Inputs;
import dev.noesis.model.Finding;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws what clients send: the same for the same seed and series.
 *
 * <p><b>Threading.</b> One thread.
 */
final class Requests {
    /** Words by which the model server's script knows what to do, or to do wrong. */
    static final List<String> MODEL_FAULTS = List.of(
            "status-429",
            "status-529",
            "status-500",
            "reset-early",
            "reset-late",
            "hang-early",
            "hang-late",
            "cut-short",
            "stream-error",
            "malformed");

    private static final int THREADS = 3;
    private static final long YEARS_MS = 10L * 365 * 24 * 3_600_000;

    private final Topics topics;
    private final Random random;
    private final String series;
    private final int agents;
    private int count;

    /**
     * One record to send.
     *
     * @param awaited what the ledger calls its answer; null where none of its own is due
     * @param after what came before it
     * @param partition null for its agent's
     * @param timestamp of the client's clock, epoch milliseconds; null for a right one
     */
    record Request(
            String topic,
            String agent,
            JsonNode value,
            @Nullable String awaited,
            Duration after,
            @Nullable Integer partition,
            @Nullable Long timestamp) {
        Request(String topic, String agent, JsonNode value, @Nullable String awaited) {
            this(topic, agent, value, awaited, Duration.ZERO, null, null);
        }

        Request later(int millis) {
            return new Request(topic, agent, value, awaited, Duration.ofMillis(millis), partition, timestamp);
        }
    }

    /** @param series begins every id, so that no other series has it */
    Requests(Topics topics, long seed, String series, int agents) {
        this.topics = topics;
        this.random = new Random(seed);
        this.series = series;
        this.agents = agents;
    }

    /** What the usual load sends next, in order. */
    List<Request> next() {
        int dice = random.nextInt(100);
        if (dice < 40) {
            return List.of(chat("Tell me how number " + random.nextInt(1_000) + " is doing."));
        } else if (dice < 52) {
            return List.of(chat("Remember that item " + random.nextInt(1_000) + " is " + random.nextInt(1_000) + "."));
        } else if (dice < 60) {
            return List.of(chat("What do you know about item " + random.nextInt(1_000) + "?"));
        } else if (dice < 66) {
            return List.of(chat("slow-answer"));
        } else if (dice < 71) {
            return List.of(chat(draw(MODEL_FAULTS)));
        } else if (dice < 74) {
            return twice();
        } else if (dice < 78) {
            return cancelled();
        } else if (dice < 81) {
            return List.of(chat("I insist.", "multitask", random.nextBoolean() ? "interrupt" : "reject"));
        } else if (dice < 83) {
            return List.of(chat("slow-answer, quickly", "deadlineMs", 300 + random.nextInt(2_000)));
        } else if (dice < 91) {
            return List.of(signal(agent()));
        } else if (dice < 92) {
            return List.of(schedule());
        } else if (dice < 93) {
            return reacted();
        } else {
            return List.of(tick());
        }
    }

    Request chat(String text) {
        String id = id();
        return request(agent(), id, Inputs.chat(thread(), id, id + " " + text));
    }

    private Request chat(String text, String property, Object value) {
        String id = id();
        return request(agent(), id, Inputs.chat(thread(), id, id + " " + text, property, value));
    }

    /** The same request two or three times. */
    List<Request> twice() {
        Request once = chat("Say it once.");
        List<Request> all = new ArrayList<>(List.of(once));
        for (int i = random.nextInt(2); i >= 0; i--) {
            all.add(once.later(random.nextInt(1_500)));
        }
        return all;
    }

    /** A run, and its cancel at about the time at which it ends. */
    List<Request> cancelled() {
        String id = id();
        String agent = agent();
        String thread = thread();
        Request run = request(agent, id, Inputs.chat(thread, id, id + " Tell me."));
        Request cancel = new Request(topics.chatRequests(), agent, Inputs.cancel(thread, id), null);
        return List.of(run, cancel.later(random.nextInt(1_800)));
    }

    /** A run whose request stands in any partition, mostly not in its agent's. */
    Request stray(int partitions) {
        Request run = chat("Find your way.");
        return new Request(
                run.topic(), run.agent(), run.value(), run.awaited(), Duration.ZERO, random.nextInt(partitions), null);
    }

    /** A run whose request was sent by a clock that is years off, either way. */
    Request oddClock() {
        Request run = chat("What time is it?");
        long timestamp = System.currentTimeMillis() + (random.nextBoolean() ? 1 : -1) * YEARS_MS;
        return new Request(run.topic(), run.agent(), run.value(), run.awaited(), Duration.ZERO, null, timestamp);
    }

    /** A run whose request is larger than the contract allows, and is refused. */
    Request tooLarge() {
        return chat("word ".repeat(900_000));
    }

    Request signal(String agent) {
        String id = id();
        String[] urgencies = {"low", "normal", "high"};
        ObjectNode value = Inputs.signal(id, "Item " + random.nextInt(100) + " needs a look", draw(List.of(urgencies)));
        return new Request(topics.agentSignals(), agent, value, null);
    }

    /** An agent looks after itself every minute, or does not any more. */
    private Request schedule() {
        ObjectNode value = Json.object().put("enabled", random.nextInt(5) > 0).put("every", "PT1M");
        value.putObject("budget").put("tokensPerDay", 1_000 + random.nextInt(100_000));
        return new Request(topics.heartbeatSchedules(), agent(), value, null);
    }

    /** A signal, and what a human says of it, perhaps before any tick has found it. */
    private List<Request> reacted() {
        Request signal = signal(agent());
        ObjectNode reaction = Json.object()
                .put("type", "reaction")
                .put(
                        "fingerprint",
                        Fingerprint.of(
                                Finding.SIGNALS,
                                signal.value().path("source").asString("unknown"),
                                signal.value().path("signalId").asString("")))
                .put("action", draw(List.of("acknowledge", "resolve", "dismiss")));
        return List.of(
                signal,
                new Request(topics.agentSignals(), signal.agent(), reaction, null).later(random.nextInt(20_000)));
    }

    Request tick() {
        String id = id();
        String agent = agent();
        return new Request(topics.heartbeatTicks(), agent, Inputs.tick(id), Watch.tick(agent, id));
    }

    /** That run input, as the one of that id. */
    Request request(String agent, String id, JsonNode value) {
        return new Request(topics.chatRequests(), agent, value, Watch.run(agent, id));
    }

    String id() {
        return series + "-" + count++;
    }

    String agent() {
        return "agent-" + random.nextInt(agents);
    }

    private String thread() {
        return "t" + random.nextInt(THREADS);
    }

    private <T> T draw(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
