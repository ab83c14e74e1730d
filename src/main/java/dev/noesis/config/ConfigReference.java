package dev.noesis.config;

import dev.noesis.model.Lane;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/** Writes the reference page of all keys, in Markdown, from the table that also validates them. */
public final class ConfigReference {
    private static final String HEAD = """
            # Configuration

            This page is what `noesis config` prints.

            A value comes from, the later over the earlier: its default, the file given with `--config` (Java's properties
            format, UTF-8), the environment, and `--set key=value` on the command line. In the environment a key is written in
            capitals, with `_` for `.` and `NOESIS_` before it: `llm.base.url` is `NOESIS_LLM_BASE_URL`. A key that is not known,
            or a value that is not legal, stops the start and names itself.

            Times are in milliseconds. Secrets are never shown; they come from the environment or a file, not from the command
            line. Every change takes effect at the next start.
            """;

    private static final String CONNECTION = """
            Any property of a Kafka client passes through behind `kafka.`, SASL and TLS among them:
            `kafka.security.protocol=SASL_SSL`; for one kind of client as in Kafka Streams, `kafka.producer.linger.ms=5`. Those that
            Noesis's guarantees rest on are refused, with the reason; they are below. All others are free.
            """;

    private static final String RESERVED = """
            Of Kafka's properties these are refused, also behind `kafka.producer.` and the like:

            | property | legal | why |
            |---|---|---|
            """;

    private static final String MODEL_CLIENT = """
            Each lane has a client of its own. These keys are for both; with `chat.` or `heartbeat.` before it, a key is for that
            lane alone: `heartbeat.llm.model`. With `heartbeat.llm.isolation=shared` the heartbeat lane takes what it does not set
            itself from the chat lane.

            A fallback that `llm.fallbacks` names is described by the same keys behind `llm.fallback.` and its name, but for
            `llm.fallbacks` and `llm.models`: `llm.fallback.spare.model`, which has to be set. It is asked for that model whatever
            the request names. What it does not set it takes from the lane; but one that has another provider than the lane, or a
            base URL of its own, is at another server: then it takes neither address, path, key, auth and headers, nor proxy, trust
            store and client certificate, nor betas, effort and service tier, so that no secret gets to a server it is not meant for.
            The variables `ANTHROPIC_API_KEY` and `OPENAI_API_KEY` are used for it at that provider's own address only.
            """;

    private static final String CHECKS = """
            Behind `heartbeat.check.` and a check's name as it stands in `heartbeat.checks`, here `<name>`. All but the first two
            are of HTTP checks alone, and `signals` has none. How they are used, and how a check is written, stands in
            [checks](checks.md). A class is not named in the environment, where keys have no capitals: its keys are for the file.
            """;

    /** Of keys with that suffix; the largest first. */
    private record Unit(String suffix, long size, String name) {}

    private static final List<Unit> UNITS = List.of(
            new Unit(".ms", 86_400_000, "d"),
            new Unit(".ms", 3_600_000, "h"),
            new Unit(".ms", 60_000, "min"),
            new Unit(".ms", 1_000, "s"),
            new Unit(".bytes", 1_048_576, "MiB"));

    private ConfigReference() {}

    /** The page, with a line end at its end. The same for every process of one build. */
    public static String render() {
        ConfigDef keys = ConfigTable.create(Set.of(), List.of("<name>"));
        return keys.groups().stream()
                .map(group -> section(group, keys))
                .collect(Collectors.joining("\n", HEAD + "\n", ""));
    }

    private static String section(String group, ConfigDef keys) {
        String rows = keys.configKeys().values().stream()
                .filter(key -> group.equals(key.group) && !overridesForOneLane(key))
                .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                .map(ConfigReference::row)
                .collect(Collectors.joining());
        String words = switch (group) {
            case ConfigTable.CONNECTION -> "\n" + CONNECTION;
            case ConfigTable.CHECKS -> "\n" + CHECKS;
            case ConfigTable.MODEL_CLIENT -> "\n" + MODEL_CLIENT;
            default -> "";
        };
        String table =
                "## " + group + "\n" + words + "\n| key | default | legal | meaning |\n|---|---|---|---|\n" + rows;
        return group.equals(ConfigTable.CONNECTION) ? table + "\n" + RESERVED + reserved() : table;
    }

    private static String reserved() {
        return ReservedProperties.RULES.stream()
                .map(rule -> "| `kafka.%s` | %s | %s |\n"
                        .formatted(
                                rule.property(),
                                rule.values() == null
                                        ? "not for setting"
                                        : rule.values().words(),
                                rule.why()))
                .collect(Collectors.joining());
    }

    private static boolean overridesForOneLane(ConfigKey key) {
        return key.group.equals(ConfigTable.MODEL_CLIENT)
                && Arrays.stream(Lane.values()).anyMatch(lane -> key.name.startsWith(lane.id() + "."));
    }

    private static String row(ConfigKey key) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(key.name, preset(key, key.defaultValue), legal(key), key.documentation);
    }

    private static String legal(ConfigKey key) {
        if (key.validator != null) {
            return key.validator.toString();
        }
        return switch (key.type) {
            case PASSWORD -> "a secret";
            case BOOLEAN -> "true or false";
            default -> "any text";
        };
    }

    private static String preset(ConfigKey key, @Nullable Object value) {
        if (value == null || value.toString().isEmpty() || value.equals(List.of())) {
            return "none";
        }
        String words = value instanceof Number number
                ? UNITS.stream()
                        .filter(unit -> key.name.endsWith(unit.suffix) && number.longValue() >= unit.size)
                        .filter(unit -> number.longValue() % unit.size == 0)
                        .findFirst()
                        .map(unit -> " (" + number.longValue() / unit.size + " " + unit.name + ")")
                        .orElse("")
                : "";
        return "`" + value + "`" + words;
    }
}
