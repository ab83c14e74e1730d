package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.DueTimes;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.model.Schedule.Misfire;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code noesis heartbeat schedule}: sets an agent's schedule, or takes it back. */
@Command(
        name = "schedule",
        description = {
            "Set when the agent looks after itself, in place of what was set before, or take it back.",
            "The heartbeat lane checks it: one that is wrong is in heartbeat.dlq, with the reason."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class HeartbeatScheduleCommand implements Runnable {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Rhythm rhythm;

    /** One of them. */
    static final class Rhythm {
        @Option(
                names = "--every",
                paramLabel = "INTERVAL",
                converter = Interval.class,
                description = "At intervals, such as 30m, 2h or 1d; at least one minute.")
        private @Nullable Duration every;

        @Option(
                names = "--cron",
                paramLabel = "FIELDS",
                description = "At times of the agent's clock: five fields, as in crontab.")
        private @Nullable String cron;

        @Option(
                names = "--off",
                description = "Never, and not by ticks from outside: the agent is left alone until there is another.")
        private boolean off;

        @Option(names = "--remove", description = "Take the schedule back: ticks come from outside only.")
        private boolean remove;
    }

    @Option(
            names = "--timezone",
            paramLabel = "ZONE",
            description = "Whose midnight, active hours and cron are meant, such as Europe/Berlin (default: UTC).")
    private @Nullable ZoneId timezone;

    @Option(
            names = "--active",
            paramLabel = "FROM-TO",
            converter = Hours.class,
            description = "Only then, such as 08:00-22:00; over midnight where the second is the earlier one.")
    private @Nullable Matcher active;

    @Option(
            names = "--jitter",
            paramLabel = "INTERVAL",
            converter = Interval.class,
            description = "How far agents of one schedule are spread (default: over their interval; with --cron not).")
    private @Nullable Duration jitter;

    @Option(names = "--tokens-per-day", paramLabel = "N", description = "What heartbeats may be charged in a day.")
    private @Nullable Long tokensPerDay;

    @Option(
            names = "--misfire",
            paramLabel = "skip|fireOnce",
            converter = Policy.class,
            description = "What becomes of a tick that was missed (default: skip).")
    private @Nullable Misfire misfire;

    @Option(names = "--model", paramLabel = "NAME", description = "Of those that the heartbeat lane may use.")
    private @Nullable String model;

    @Option(
            names = "--checks",
            paramLabel = "NAME[:INTERVAL]",
            split = ",",
            converter = Plan.class,
            description = {
                "Those that look, and no others, such as signals,failures:10m (default: all that the worker has).",
                "With an interval a check looks at most that often, in place of its own."
            })
    private @Nullable List<CheckPlan> checks;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        ObjectNode schedule = rhythm.remove ? null : schedule();
        NoesisConfig config = connection.load();
        new HeartbeatClient(config.kafka(), new Topics(config.deployment()), who.agent(), connection.brokerLimit())
                .schedule(schedule);
        spec.commandLine().getOut().println(schedule == null ? "asked to be taken back" : "asked for " + schedule);
        spec.commandLine().getOut().flush();
    }

    /** As in {@code heartbeat.schedules}. */
    ObjectNode schedule() {
        ObjectNode schedule = Json.object().put("enabled", !rhythm.off);
        if (rhythm.every != null) {
            schedule.put("every", rhythm.every.toString());
        }
        if (rhythm.cron != null) {
            String wrong = DueTimes.checkCron(rhythm.cron);
            if (wrong != null) {
                throw new ParameterException(spec.commandLine(), "--cron has five fields, as in crontab: " + wrong);
            }
            schedule.put("cron", rhythm.cron);
        }
        if (timezone != null) {
            schedule.put("timezone", timezone.getId());
        }
        if (active != null) {
            schedule.putObject("activeHours").put("from", active.group(1)).put("to", active.group(2));
        }
        if (jitter != null) {
            schedule.put("jitter", jitter.toString());
        }
        if (tokensPerDay != null) {
            schedule.putObject("budget").put("tokensPerDay", tokensPerDay);
        }
        if (misfire != null) {
            schedule.put("misfire", misfire.id());
        }
        if (checks != null) {
            ArrayNode list = schedule.putArray("checks");
            for (CheckPlan plan : checks) {
                ObjectNode check = list.addObject().put("name", plan.name());
                if (plan.everyMs() != null) {
                    check.put("every", Duration.ofMillis(plan.everyMs()).toString());
                }
            }
        }
        return model == null ? schedule : schedule.put("model", model);
    }

    /** Reads 30m, 1h30m or 1d, and ISO 8601. */
    static final class Interval implements ITypeConverter<Duration> {
        private static final Pattern SHORT = Pattern.compile("(\\d{1,6}d)?((\\d{1,6}h)?(\\d{1,6}m)?(\\d{1,6}s)?)");

        @Override
        public Duration convert(String text) {
            Matcher parts = SHORT.matcher(text);
            if (!text.isEmpty() && parts.matches()) {
                String days = parts.group(1) == null ? "" : parts.group(1);
                String time = parts.group(2).isEmpty() ? "" : "T" + parts.group(2);
                return Duration.parse("P" + (days + time).toUpperCase(Locale.ROOT));
            }
            return Duration.parse(text);
        }
    }

    /** Reads failures, or failures:10m. */
    static final class Plan implements ITypeConverter<CheckPlan> {
        @Override
        public CheckPlan convert(String text) {
            int colon = text.indexOf(':');
            return colon < 0
                    ? new CheckPlan(text, null)
                    : new CheckPlan(
                            text.substring(0, colon),
                            new Interval().convert(text.substring(colon + 1)).toMillis());
        }
    }

    /** Reads 08:00-22:00. */
    static final class Hours implements ITypeConverter<Matcher> {
        private static final Pattern FROM_TO =
                Pattern.compile("((?:[01]\\d|2[0-3]):[0-5]\\d)-((?:[01]\\d|2[0-3]):[0-5]\\d)");

        @Override
        public Matcher convert(String text) {
            Matcher hours = FROM_TO.matcher(text);
            if (!hours.matches()) {
                throw new TypeConversionException("'" + text + "' is not like 08:00-22:00");
            }
            return hours;
        }
    }

    /** Reads what the schema calls it. */
    static final class Policy implements ITypeConverter<Misfire> {
        @Override
        public Misfire convert(String text) {
            return Misfire.of(text);
        }
    }
}
