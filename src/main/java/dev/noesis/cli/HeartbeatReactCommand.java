package dev.noesis.cli;

import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.model.Finding;
import dev.noesis.model.Reaction;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code noesis heartbeat acknowledge|resolve|dismiss}: says what is to become of findings. They are looked up in the log,
 * and what is said goes to the heartbeat lane, which decides.
 */
@Command(mixinStandardHelpOptions = true, versionProvider = VersionProvider.class)
abstract sealed class HeartbeatReactCommand implements Runnable {
    private static final int MAX_NOTE = 1_000;

    private final Reaction action;

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(names = "--note", paramLabel = "TEXT", description = "Why, in at most 1,000 characters; stands in the log.")
    private @Nullable String note;

    @Parameters(
            arity = "1..*",
            paramLabel = "FINGERPRINT",
            converter = Beginning.class,
            description = "Of a finding of the agent, or its beginning, where no other finding's is the same.")
    private List<String> fingerprints = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private HeartbeatReactCommand(Reaction action) {
        this.action = action;
    }

    /** Until when it holds; null for the default. */
    @Nullable
    Instant until() {
        return null;
    }

    @Override
    public void run() {
        if (note != null && note.length() > MAX_NOTE) {
            throw new ParameterException(spec.commandLine(), "--note has at most 1,000 characters");
        }
        Instant until = until();
        if (until != null && until.isBefore(Instant.now())) {
            throw new ParameterException(spec.commandLine(), "--until has passed already");
        }
        PartitionLog log = PartitionLog.of(connection, who);
        List<FindingEntry> known = log.cognition().findings(who.agent());
        List<Finding> meant = fingerprints.stream()
                .map(beginning -> meant(beginning, known))
                .distinct()
                .toList();
        new HeartbeatClient(log.kafka(), log.topics(), log.agent(), log.limit())
                .react(meant.stream().map(Finding::fingerprint).toList(), action, until, note);
        PrintWriter out = spec.commandLine().getOut();
        meant.forEach(finding -> out.println("asked to " + action.id() + " " + finding.fingerprint() + "  "
                + HeartbeatFindingsCommand.gist(finding)));
        out.flush();
    }

    /** @throws CommandException if it is the beginning of no fingerprint, or of several */
    static Finding meant(String beginning, List<FindingEntry> known) {
        List<Finding> meant = known.stream()
                .map(FindingEntry::finding)
                .filter(finding -> finding.fingerprint().startsWith(beginning))
                .toList();
        if (meant.isEmpty()) {
            throw new CommandException("the log knows no finding of this agent whose fingerprint is or begins with "
                    + beginning + "; noesis heartbeat findings --all lists them");
        }
        if (meant.size() > 1) {
            throw new CommandException(beginning + " is the beginning of several: "
                    + meant.stream().map(Finding::fingerprint).collect(Collectors.joining(", ")));
        }
        return meant.getFirst();
    }

    /** {@code noesis heartbeat acknowledge}. */
    @Command(name = "acknowledge", description = "Say that findings are known, and that somebody sees to them.")
    static final class Acknowledge extends HeartbeatReactCommand {
        Acknowledge() {
            super(Reaction.ACKNOWLEDGE);
        }
    }

    /** {@code noesis heartbeat resolve}. */
    @Command(name = "resolve", description = "Say that findings are dealt with.")
    static final class Resolve extends HeartbeatReactCommand {
        Resolve() {
            super(Reaction.RESOLVE);
        }
    }

    /** {@code noesis heartbeat dismiss}. */
    @Command(name = "dismiss", description = "Say that findings are nothing, and are to stay so for a time.")
    static final class Dismiss extends HeartbeatReactCommand {
        @Option(
                names = "--until",
                paramLabel = "WHEN",
                converter = When.class,
                description = "What is seen again before then stays dismissed: 7d or 36h from now, or a time in UTC"
                        + " such as 2026-12-01T00:00:00Z (default: 30d).")
        private @Nullable Instant until;

        Dismiss() {
            super(Reaction.DISMISS);
        }

        @Override
        @Nullable
        Instant until() {
            return until;
        }
    }

    /** Reads the hexadecimal digits that a fingerprint begins with. */
    static final class Beginning implements ITypeConverter<String> {
        private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{1,16}");

        @Override
        public String convert(String text) {
            if (!DIGITS.matcher(text).matches()) {
                throw new TypeConversionException("'" + text + "' is not 1 to 16 digits of 0 to 9 and a to f");
            }
            return text;
        }
    }

    /** Reads a time as 2026-12-01T00:00:00Z, or as an interval from now on. */
    static final class When implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            return text.endsWith("Z")
                    ? Instant.parse(text)
                    : Instant.now().plus(new HeartbeatScheduleCommand.Interval().convert(text));
        }
    }
}
