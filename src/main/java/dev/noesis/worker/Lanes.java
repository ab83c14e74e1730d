package dev.noesis.worker;

import dev.noesis.chat.ChatTopology;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.HeartbeatTopology;
import dev.noesis.heartbeat.checks.Checks;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.model.Lane;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.LaneProcessor;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import dev.noesis.tool.RecordDecision;
import dev.noesis.tool.ReviewDecision;
import dev.noesis.tool.Tool;
import dev.noesis.topics.Topics;
import java.util.List;
import org.apache.kafka.streams.Topology;

/** What tells one lane from the other: its topology, its events topic and its tools. */
final class Lanes {
    private static final Tool LEARN_FACT = new LearnFact();
    private static final Tool RECALL = new RecallFacts();
    private static final Tool RECORD_DECISION = new RecordDecision();
    private static final Tool REVIEW_DECISION = new ReviewDecision();
    private static final Tool RESPOND = new HeartbeatRespond();

    private Lanes() {}

    /** The runner that both lanes' are forked from. */
    static AgentRunner runner(NoesisConfig config) {
        return new AgentRunner(
                new ContextBuilder(config.run().systemPrompt(), config.run().contextMaxTokens()),
                new Dispatcher(List.of(LEARN_FACT, RECALL, RECORD_DECISION, REVIEW_DECISION, RESPOND)));
    }

    static String eventsTopic(Lane lane, Topics topics) {
        return switch (lane) {
            case CHAT -> topics.chatEvents();
            case HEARTBEAT -> topics.heartbeatEvents();
        };
    }

    /** What the lane reads. */
    static List<String> inputTopics(Lane lane, Topics topics) {
        return switch (lane) {
            case CHAT -> List.of(topics.chatRequests(), topics.mindLog());
            case HEARTBEAT ->
                List.of(topics.heartbeatTicks(), topics.agentSignals(), topics.heartbeatSchedules(), topics.mindLog());
        };
    }

    /** What the lane looks after when it beats; to be closed with it. */
    static Checks checks(Lane lane, NoesisConfig config) {
        return Checks.of(
                switch (lane) {
                    case CHAT -> List.of();
                    case HEARTBEAT -> config.beat().checks();
                });
    }

    static Topology topology(
            Lane lane, NoesisConfig config, Topics topics, LaneProcessor.Kernel kernel, Checks checks) {
        return switch (lane) {
            case CHAT ->
                ChatTopology.of(
                        topics, kernel, config.run(), names(LEARN_FACT, RECALL, RECORD_DECISION, REVIEW_DECISION));
            case HEARTBEAT ->
                HeartbeatTopology.of(topics, kernel, config.run(), config.beat(), checks, names(RECALL, RESPOND));
        };
    }

    private static List<String> names(Tool... tools) {
        return List.of(tools).stream().map(tool -> tool.spec().name()).toList();
    }
}
