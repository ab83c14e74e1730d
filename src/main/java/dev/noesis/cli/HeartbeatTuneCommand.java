package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Memory.Tuning;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noesis heartbeat tune}: how often an agent's checks look, by a fold of its log; or says how often one is to. */
@Command(
        name = "tune",
        description = {
            "Fold the agent's log and show how often its checks look, and what was made of their findings since that was judged"
                    + " last. Or say how often one of them is to look, and whether the tuner may change that.",
            "The heartbeat lane checks what was said: where it is wrong it is in heartbeat.dlq, with the reason."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class HeartbeatTuneCommand implements Runnable {
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final Duration MAX_EVERY = Duration.ofDays(30);

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "CHECK",
            description = "Of which check something is said, by its name; without one all are shown.")
    private @Nullable String check;

    @ArgGroup
    private @Nullable Interval interval;

    @ArgGroup
    private @Nullable Pin pin;

    /** One of them. */
    static final class Interval {
        @Option(
                names = "--every",
                paramLabel = "INTERVAL",
                converter = HeartbeatScheduleCommand.Interval.class,
                description = "How often it is to look, such as 90s, 10m or 1d; one second to 30 days.")
        private @Nullable Duration every;

        @Option(names = "--reset", description = "It is to look as often as it is configured.")
        private boolean reset;
    }

    /** One of them. */
    static final class Pin {
        @Option(names = "--pin", description = "The tuner is to leave it alone.")
        private boolean pin;

        @Option(names = "--unpin", description = "The tuner may change it.")
        private boolean unpin;

        private boolean isPinned() {
            return pin && !unpin;
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (check == null) {
            if (interval != null || pin != null) {
                throw wrong("CHECK is missing: of which check is that said?");
            }
            show(PartitionLog.of(connection, who).cognition(), who.agent(), out);
        } else {
            tune(check, interval == null ? null : interval.every, interval != null && interval.reset);
            out.println("asked to tune " + check);
        }
        out.flush();
    }

    private void tune(String name, @Nullable Duration every, boolean resets) {
        if (!NAME.matcher(name).matches()) {
            throw wrong("a check's name has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
        }
        if (interval == null && pin == null) {
            throw wrong("with CHECK goes one of --every and --reset, or of --pin and --unpin, or one of each");
        }
        boolean isWhole = every == null || every.toNanosPart() == 0;
        if (!isWhole || (every != null && (every.toSeconds() < 1 || every.compareTo(MAX_EVERY) > 0))) {
            throw wrong("--every is in whole seconds, from one second to 30 days");
        }
        NoesisConfig config = connection.load();
        new HeartbeatClient(config.kafka(), new Topics(config.deployment()), who.agent(), connection.brokerLimit())
                .tune(name, every, resets, pin == null ? null : pin.isPinned());
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** One line for each check that is tuned, or of whose findings something became. */
    static void show(Cognition mind, String agent, PrintWriter out) {
        Map<String, Tuning> tunings = mind.tunings(agent);
        if (tunings.isEmpty()) {
            out.println("all checks look as often as they are configured, and nothing was made of their findings yet");
        }
        tunings.forEach((name, tuning) -> out.println("%-12s  %-14s  useful %s, noise %s%s"
                .formatted(
                        name,
                        tuning.everyMs() == null ? "as configured" : "every " + Duration.ofMillis(tuning.everyMs()),
                        outcomes(tuning.useful()),
                        outcomes(tuning.noise()),
                        tuning.pinned() ? ", pinned" : "")));
    }

    private static String outcomes(int halves) {
        return halves / 2 + (halves % 2 == 0 ? "" : ".5");
    }
}
