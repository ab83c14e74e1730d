package dev.noesis.topics;

import dev.noesis.model.Lane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one deployment.
 *
 * @param deployment prefixes every name, with a dot; empty for none
 */
public record Topics(String deployment) {
    /** The one store of a lane. */
    public static final String STORE = "state";

    public String chatRequests() {
        return name("chat.requests");
    }

    public String chatEvents() {
        return name("chat.events");
    }

    public String chatReplies() {
        return name("chat.replies");
    }

    public String chatDlq() {
        return name("chat.dlq");
    }

    public String heartbeatSchedules() {
        return name("heartbeat.schedules");
    }

    public String heartbeatTicks() {
        return name("heartbeat.ticks");
    }

    public String heartbeatEvents() {
        return name("heartbeat.events");
    }

    public String heartbeatOutcomes() {
        return name("heartbeat.outcomes");
    }

    public String heartbeatDlq() {
        return name("heartbeat.dlq");
    }

    public String agentSignals() {
        return name("agent.signals");
    }

    public String agentAttention() {
        return name("agent.attention");
    }

    public String mindLog() {
        return name("mind.log");
    }

    /** What a lane is called as a Kafka Streams application: its group, and the beginning of its transactional ids. */
    public String applicationId(Lane lane) {
        return name("noesis-" + lane.id());
    }

    /** Where Kafka Streams keeps a copy of what a lane knows. It makes the topic itself. */
    public String changelog(Lane lane) {
        return applicationId(lane) + "-" + STORE + "-changelog";
    }

    /** Every topic of the deployment, those that are read as input first. */
    public List<TopicSpec> specs() {
        return List.of(
                spec(chatRequests(), Duration.ofDays(7), TopicSpec.Clock.BROKER),
                // what counts is in the log by then, so a schedule need not stay, and an older one of the same agent
                // not even as long
                new TopicSpec(heartbeatSchedules(), Duration.ofDays(7), true, TopicSpec.Clock.BROKER),
                spec(heartbeatTicks(), Duration.ofDays(7), TopicSpec.Clock.BROKER),
                spec(agentSignals(), Duration.ofDays(7), TopicSpec.Clock.BROKER),
                spec(mindLog(), null, TopicSpec.Clock.BROKER),
                spec(chatEvents(), Duration.ofDays(1), TopicSpec.Clock.WRITER),
                spec(chatReplies(), Duration.ofDays(7), TopicSpec.Clock.WRITER),
                spec(heartbeatEvents(), Duration.ofDays(1), TopicSpec.Clock.WRITER),
                spec(heartbeatOutcomes(), Duration.ofDays(30), TopicSpec.Clock.WRITER),
                spec(agentAttention(), Duration.ofDays(30), TopicSpec.Clock.WRITER),
                spec(chatDlq(), Duration.ofDays(30), TopicSpec.Clock.WRITER),
                spec(heartbeatDlq(), Duration.ofDays(30), TopicSpec.Clock.WRITER));
    }

    /**
     * The partition in which an agent lives, in every topic: that of murmur2, which Java clients choose for the key.
     *
     * @param partitions of each topic, ≥ 1
     */
    public static int partitionOf(String agentId, int partitions) {
        return Utils.toPositive(Utils.murmur2(agentId.getBytes(StandardCharsets.UTF_8))) % partitions;
    }

    /** That name with the deployment's prefix. */
    public String name(String bare) {
        return deployment.isEmpty() ? bare : deployment + "." + bare;
    }

    private static TopicSpec spec(String name, @Nullable Duration retention, TopicSpec.Clock clock) {
        return new TopicSpec(name, retention, false, clock);
    }
}
