package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code noesis tick}: has an agent look after itself now. */
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
                .tick(Duration.ofSeconds(timeout))
                .orElseThrow(() -> new CommandException("no outcome came within " + timeout
                        + " s; is a worker with the heartbeat lane running? The tick stays in "
                        + topics.heartbeatTicks()));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(outcome);
        } else {
            describe(outcome, out);
        }
        out.flush();
        return outcome.path("status").asString("").equals("failed") ? 1 : 0;
    }

    /** One line for the tick and one for each of its findings. */
    static void describe(JsonNode outcome, PrintWriter out) {
        var line = new StringBuilder(outcome.path("status").asString("?"));
        String reason = outcome.path("skipReason").asString("");
        if (!reason.isEmpty()) {
            line.append(" (").append(reason).append(')');
        }
        String runId = outcome.path("runId").asString("");
        if (!runId.isEmpty()) {
            line.append(" · run ").append(runId);
        }
        JsonNode usage = outcome.path("usage");
        if (usage.isObject()) {
            line.append(" · %d tokens in, %d out"
                    .formatted(
                            usage.path("inputTokens").asLong(0),
                            usage.path("outputTokens").asLong(0)));
        }
        out.println(line);
        for (JsonNode finding : outcome.path("findings")) {
            out.println("  finding " + finding.path("fingerprint").asString("?")
                    + " · " + finding.path("urgency").asString("?")
                    + " · " + finding.path("decision").asString("undecided"));
        }
    }
}
