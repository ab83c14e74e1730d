package dev.noesis.cli;

import dev.noesis.model.Reaction;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.IsolationLevel;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells one agent of something, and has it look after itself, through the topics.
 *
 * <p><b>Threading.</b> None: each call blocks, and opens and closes its own clients.
 */
public final class HeartbeatClient {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Map<String, String> kafka;
    private final Topics topics;
    private final String agent;
    private final Duration limit;

    /**
     * @param kafka properties of Kafka's clients, {@code bootstrap.servers} among them
     * @param limit longest wait for the brokers
     */
    public HeartbeatClient(Map<String, String> kafka, Topics topics, String agent, Duration limit) {
        this.kafka = Map.copyOf(kafka);
        this.topics = topics;
        this.agent = agent;
        this.limit = limit;
    }

    /** How soon somebody should look at a signal. */
    public enum Urgency {
        LOW,
        NORMAL,
        HIGH
    }

    /**
     * Publishes a signal and returns its id when the brokers have it.
     *
     * @param source who tells
     * @throws CommandException if the brokers do not take it
     * @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing
     */
    public String signal(String source, String summary, Urgency urgency, boolean needsAction) {
        // a producer would make the topic where brokers allow that, with settings of no use
        partitionsOf(topics.agentSignals());
        String signalId = UUID.randomUUID().toString();
        try (var writer = new AgentWriter(kafka, agent)) {
            writer.publish(
                    topics.agentSignals(),
                    Json.object()
                            .put("signalId", signalId)
                            .put("source", source)
                            .put("summary", summary)
                            .put("urgency", urgency.name().toLowerCase(Locale.ROOT))
                            .put("needsAction", needsAction)
                            .put("occurredAt", Instant.now().toString()));
        }
        return signalId;
    }

    /**
     * Publishes what a human says of findings, the same of each.
     *
     * @param fingerprints of the findings, 16 hexadecimal digits each
     * @param until of {@link Reaction#DISMISS} only: how long it holds; null for the default
     * @param note why, at most 1,000 characters; null for none
     * @throws CommandException if the brokers do not take it
     * @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing
     */
    public void react(List<String> fingerprints, Reaction action, @Nullable Instant until, @Nullable String note) {
        partitionsOf(topics.agentSignals());
        try (var writer = new AgentWriter(kafka, agent)) {
            for (String fingerprint : fingerprints) {
                writer.publish(topics.agentSignals(), reaction(fingerprint, action, until, note));
            }
        }
    }

    /** As the contract has it. */
    static ObjectNode reaction(String fingerprint, Reaction action, @Nullable Instant until, @Nullable String note) {
        ObjectNode reaction = Json.object()
                .put("type", "reaction")
                .put("fingerprint", fingerprint)
                .put("action", action.id());
        if (until != null) {
            reaction.put("until", until.toString());
        }
        return note == null ? reaction : reaction.put("note", note);
    }

    /**
     * Publishes how often a check is to look at the agent, or whether the tuner may change that.
     *
     * @param every from one second to 30 days, in whole seconds; null: that is left as it is, or put back
     * @param resets whether it is put back to what is configured; {@code every} is null then
     * @param pinned whether the tuner is to leave it alone; null: as before
     * @throws CommandException if the brokers do not take it
     * @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing
     */
    public void tune(String check, @Nullable Duration every, boolean resets, @Nullable Boolean pinned) {
        partitionsOf(topics.agentSignals());
        try (var writer = new AgentWriter(kafka, agent)) {
            writer.publish(topics.agentSignals(), tuning(check, every, resets, pinned));
        }
    }

    /** As the contract has it. */
    static ObjectNode tuning(String check, @Nullable Duration every, boolean resets, @Nullable Boolean pinned) {
        ObjectNode tuning = Json.object().put("type", "tuning").put("check", check);
        if (resets) {
            tuning.putNull("every");
        } else if (every != null) {
            tuning.put("every", every.toString());
        }
        return pinned == null ? tuning : tuning.put("pinned", pinned);
    }

    /**
     * Publishes when the agent is to look after itself.
     *
     * @param schedule as in {@code heartbeat.schedules}; null takes it back
     * @throws CommandException if the brokers do not take it
     * @throws dev.noesis.topics.TopicException if no broker answers, or the topic is missing
     */
    public void schedule(@Nullable JsonNode schedule) {
        partitionsOf(topics.heartbeatSchedules());
        try (var writer = new AgentWriter(kafka, agent)) {
            writer.publish(topics.heartbeatSchedules(), schedule);
        }
    }

    /**
     * Publishes a tick and waits for its outcome.
     *
     * @param checks names of those that look, and no others; null where that is the schedule's to say
     * @param wait longest wait for the outcome
     * @return the record of {@code heartbeat.outcomes}; empty where none came
     * @throws CommandException if the brokers do not take the tick
     * @throws dev.noesis.topics.TopicException if no broker answers, or a topic is missing
     */
    public Optional<JsonNode> tick(@Nullable List<String> checks, Duration wait) {
        int partitions = partitionsOf(topics.heartbeatTicks(), topics.heartbeatOutcomes());
        String tickId = UUID.randomUUID().toString();
        try (var outcomes = AgentReader.fromEnd(
                        kafka, topics.heartbeatOutcomes(), agent, partitions, IsolationLevel.READ_COMMITTED);
                var writer = new AgentWriter(kafka, agent)) {
            writer.publish(topics.heartbeatTicks(), tick(tickId, checks));
            long end = System.nanoTime() + wait.toNanos();
            while (System.nanoTime() - end < 0) {
                for (var record : outcomes.poll(POLL)) {
                    Optional<JsonNode> outcome = tree(record.value())
                            .filter(o -> o.path("tickId").asString("").equals(tickId));
                    if (outcome.isPresent()) {
                        return outcome;
                    }
                }
            }
            return Optional.empty();
        }
    }

    /** The same, and the agent's schedule says which checks look. */
    public Optional<JsonNode> tick(Duration wait) {
        return tick(null, wait);
    }

    /** As the contract has it. */
    static ObjectNode tick(String tickId, @Nullable List<String> checks) {
        ObjectNode tick = Json.object()
                .put("tickId", tickId)
                .put("scheduledAt", Instant.now().toString())
                .put("reason", "wake");
        if (checks != null) {
            ArrayNode names = tick.putArray("checks");
            checks.forEach(names::add);
        }
        return tick;
    }

    private int partitionsOf(String... names) {
        return new TopicAdmin(kafka, limit).partitions(List.of(names));
    }

    private static Optional<JsonNode> tree(byte[] value) {
        try {
            return Optional.of(Json.tree(value));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
