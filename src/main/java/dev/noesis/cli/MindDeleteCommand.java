package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.serde.Json;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code noesis mind delete}: has an agent's memory emptied. */
@Command(
        name = "delete",
        description = {
            "Have the agent's memory emptied and its runs cancelled.",
            "Both lanes forget it when they read the request; the log keeps its records until its retention removes them."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class MindDeleteCommand implements Runnable {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(names = "--yes", description = "It cannot be undone; without this nothing is done.")
    private boolean yes;

    @Option(names = "--reason", defaultValue = "deleted by an operator", description = "Stands in the log.")
    private String reason = "deleted by an operator";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        if (!yes) {
            throw new ParameterException(
                    spec.commandLine(), "deleting " + who.agent() + " cannot be undone; say --yes if it is meant");
        }
        NoesisConfig config = connection.load();
        String topic = new Topics(config.deployment()).chatRequests();
        var _ = new TopicAdmin(config.kafka(), connection.brokerLimit()).partitions(List.of(topic));
        try (var writer = new AgentWriter(config.kafka(), who.agent())) {
            writer.publish(topic, Json.object().put("type", "delete").put("reason", reason));
        }
        spec.commandLine().getOut().println("asked for; the chat lane does it");
        spec.commandLine().getOut().flush();
    }
}
