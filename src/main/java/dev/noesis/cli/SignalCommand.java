package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noesis signal}: tells an agent of something outside. */
@Command(
        name = "signal",
        description = "Tell an agent of something outside; its next tick finds it.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class SignalCommand implements Runnable {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(
            names = "--urgency",
            defaultValue = "normal",
            paramLabel = "low|normal|high",
            description = "How soon somebody should look at it (default: ${DEFAULT-VALUE}).")
    private HeartbeatClient.Urgency urgency = HeartbeatClient.Urgency.NORMAL;

    @Option(
            names = "--no-needs-action",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether something is to be done about it (default: ${DEFAULT-VALUE}). If not, no model is asked, and"
                            + " the day's digest tells of it.")
    private boolean needsAction = true;

    @Option(
            names = "--source",
            defaultValue = "cli",
            paramLabel = "NAME",
            description = "Who tells (default: ${DEFAULT-VALUE}).")
    private String source = "cli";

    @Parameters(paramLabel = "TEXT", description = "What happened.")
    @SuppressWarnings("NullAway.Init")
    private String text;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        NoesisConfig config = connection.load();
        var topics = new Topics(config.deployment());
        String signalId = new HeartbeatClient(config.kafka(), topics, who.agent(), connection.brokerLimit())
                .signal(source, text, urgency, needsAction);
        spec.commandLine().getOut().println("signal " + signalId);
        spec.commandLine().getOut().flush();
    }
}
