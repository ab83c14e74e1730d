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
            DemoCommand.class,
            WorkerCommand.class,
            ChatCommand.class,
            TickCommand.class,
            SignalCommand.class,
            HeartbeatCommand.class,
            MindCommand.class,
            CheckCommand.class,
            TopicsCommand.class,
            ConfigCommand.class,
            BrokerCommand.class,
            ModelCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Noesis implements Runnable {
    /** The properties that {@code logback.xml} reads: for Noesis, and for all that is not. */
    private static final String LOG_LEVEL = "noesis.log.level";

    private static final String LIBRARY_LOG_LEVEL = "noesis.log.level.libraries";

    /** Commands that go on until they are stopped, and so log; the others tell their one user in one line. */
    private static final Set<String> SERVERS = Set.of("worker", "broker", "model");

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
        if (!server) {
            quieten(LIBRARY_LOG_LEVEL, "NOESIS_LOG_LEVEL_LIBRARIES", "OFF");
            quieten(LOG_LEVEL, "NOESIS_LOG_LEVEL", "WARN");
        }
        System.exit(commandLine().execute(args));
    }

    private static void quieten(String property, String variable, String level) {
        if (System.getProperty(property) == null && System.getenv(variable) == null) {
            System.setProperty(property, level);
        }
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
