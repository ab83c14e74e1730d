package dev.noesis.cli;

import java.util.Arrays;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code noesis}. */
@Command(
        name = "noesis",
        description = "LLM agents on Kafka: chat and heartbeat lanes that share one memory and nothing else.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:it could not be done; stderr says why", "2:wrong usage or configuration"},
        subcommands = {
            ChatCommand.class,
            TickCommand.class,
            SignalCommand.class,
            MindCommand.class,
            TopicsCommand.class,
            ConfigCommand.class,
            BrokerCommand.class,
            ModelCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Noesis implements Runnable {
    /** The property that {@code logback.xml} reads for all that is not Noesis. */
    private static final String LIBRARY_LOG_LEVEL = "noesis.log.level.libraries";

    /** Commands that go on until they are stopped, and so log; the others tell their one user in one line. */
    private static final Set<String> SERVERS = Set.of("worker", "broker", "model", "demo");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program an error came from.")
    private boolean stacktrace;

    public static void main(String[] args) {
        boolean server = Arrays.stream(args)
                .filter(arg -> !arg.startsWith("-"))
                .findFirst()
                .filter(SERVERS::contains)
                .isPresent();
        if (!server
                && System.getProperty(LIBRARY_LOG_LEVEL) == null
                && System.getenv("NOESIS_LOG_LEVEL_LIBRARIES") == null) {
            System.setProperty(LIBRARY_LOG_LEVEL, "OFF");
        }
        System.exit(commandLine().execute(args));
    }

    /** The command with all its subcommands; it exits nothing, so that tests can run it. */
    public static CommandLine commandLine() {
        var noesis = new Noesis();
        var errors = new ErrorLines(() -> noesis.stacktrace);
        return new CommandLine(noesis)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command was given");
    }
}
