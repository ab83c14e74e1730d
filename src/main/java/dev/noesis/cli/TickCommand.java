package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code noesis heartbeat tick}, or {@code noesis tick}: has an agent look after itself now. */
@Command(
        name = "tick",
        description = "Have an agent look after itself now, and wait for what came of it.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class TickCommand implements Callable<Integer> {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(
            names = "--timeout",
            defaultValue = "300",
            paramLabel = "SECONDS",
            description = "Longest wait for the outcome (default: ${DEFAULT-VALUE}).")
    private int timeout = 300;

    @Option(
            names = "--checks",
            paramLabel = "NAME",
            split = ",",
            description = {
                "Those that look, and no others, such as signals,failures, even if they just have.",
                "Default: what the agent's schedule says."
            })
    private @Nullable List<String> checks;

    @Option(names = "--json", description = "Print the outcome's record as it is.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        NoesisConfig config = connection.load();
        var topics = new Topics(config.deployment());
        JsonNode outcome = new HeartbeatClient(config.kafka(), topics, who.agent(), connection.brokerLimit())
                .tick(checks, Duration.ofSeconds(timeout))
                .orElseThrow(() -> new CommandException("no outcome came within " + timeout
                        + " s; is a worker with the heartbeat lane running? The tick stays in "
                        + topics.heartbeatTicks() + ", and one that is wrong goes to " + topics.heartbeatDlq()
                        + ", with the reason"));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(outcome);
        } else {
            out.println(OutcomeLines.tick(outcome));
            OutcomeLines.findings(outcome).forEach(out::println);
        }
        out.flush();
        return outcome.path("status").asString("").equals("failed") ? 1 : 0;
    }
}
