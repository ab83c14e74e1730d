package dev.noesis.config;

import dev.noesis.config.ConfigSources.Setting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;

/** Reads settings, holds them against the table of keys, and makes records of them. */
public final class ConfigLoader {
    private final Map<String, Setting> settings;
    private final ConfigDef keys;
    private final List<String> problems = new ArrayList<>();

    private ConfigLoader(Map<String, Setting> settings) {
        this.settings = settings;
        this.keys = ConfigTable.create(Fallbacks.named(settings), NamedChecks.of(settings));
    }

    /**
     * The configuration of these sources and the defaults.
     *
     * @throws ConfigurationException if a key is unknown, a value not legal, or a file that one names not readable
     */
    public static NoesisConfig load(ConfigSources sources) {
        return new ConfigLoader(sources.read()).load();
    }

    /**
     * The configuration of these values by key, and the defaults; neither file nor environment is read.
     *
     * @throws ConfigurationException as {@link #load(ConfigSources)}
     */
    public static NoesisConfig load(Map<String, String> values) {
        var settings = new TreeMap<String, Setting>();
        values.forEach((key, value) -> settings.put(key, new Setting(key, value, "program", 1)));
        return new ConfigLoader(settings).load();
    }

    private NoesisConfig load() {
        var kafka = new HashMap<String, String>();
        var known = new HashMap<String, String>();
        settings.forEach((key, setting) -> {
            if (keys.configKeys().containsKey(key)) {
                known.put(key, setting.value());
            } else if (key.startsWith(Keys.KAFKA) && key.length() > Keys.KAFKA.length()) {
                kafka.put(key.substring(Keys.KAFKA.length()), setting.value());
            } else {
                problems.add(unknown(key, setting));
            }
        });
        refuseSecretsOnTheCommandLine();
        kafka.forEach((property, value) -> KafkaProperties.refusal(property, value)
                .ifPresent(reason -> problems.add(
                        Keys.KAFKA + property + " " + whereOf(Keys.KAFKA + property) + " cannot be used: " + reason)));
        Map<String, ConfigValue> values = keys.validateAll(known);
        values.forEach((key, value) -> {
            if (!value.errorMessages().isEmpty()) {
                problems.add(illegal(key));
            }
        });
        stopOn(problems);
        var parsed = new HashMap<String, Object>();
        values.forEach((key, value) -> {
            if (value.value() != null) {
                parsed.put(key, value.value());
            }
        });
        try {
            NoesisConfig config = new ConfigAssembler(parsed, settings, problems).assemble(kafka);
            stopOn(problems);
            return config;
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            throw new ConfigurationException(problems);
        }
    }

    private String unknown(String key, Setting setting) {
        if (key.startsWith(Keys.FALLBACK) && !Fallbacks.isOfOneNamed(key, settings)) {
            return described(key, setting) + " describes a fallback that " + Keys.llm(Keys.FALLBACKS)
                    + " does not name";
        }
        if (key.startsWith(Keys.CHECK) && !NamedChecks.areDescribedBy(key, settings)) {
            return described(key, setting) + " describes a check that " + Keys.CHECKS + " does not name";
        }
        Collection<String> names = keys.names();
        String meant = NearestName.of(key, names)
                .map(near -> setting.fromEnvironment() ? ConfigSources.variableOf(near) : near)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; `noesis config` lists the keys");
        return setting.fromEnvironment()
                ? "the environment variable " + setting.name() + " names no key" + meant
                : key + " " + setting.where() + " is not a key" + meant;
    }

    private static String described(String key, Setting setting) {
        return setting.fromEnvironment() ? "the environment variable " + setting.name() : key + " " + setting.where();
    }

    private String illegal(String key) {
        ConfigDef.ConfigKey definition =
                Objects.requireNonNull(keys.configKeys().get(key));
        Setting setting = settings.get(key);
        // a URL may carry a password, and is refused for it; a proxy may be given as one
        boolean secret = definition.type == ConfigDef.Type.PASSWORD
                || key.endsWith("." + Keys.URL)
                || key.endsWith("." + Keys.PROXY);
        String shown = secret || setting == null ? "" : " is '" + setting.value() + "', and";
        return key + " " + whereOf(key) + shown + " must be " + definition.validator;
    }

    private void refuseSecretsOnTheCommandLine() {
        settings.forEach((key, setting) -> {
            ConfigDef.ConfigKey definition = keys.configKeys().get(key);
            boolean secret = definition != null
                    ? definition.type == ConfigDef.Type.PASSWORD
                    : key.startsWith(Keys.KAFKA) && KafkaProperties.isSecret(key.substring(Keys.KAFKA.length()));
            if (secret && setting.fromCommandLine()) {
                problems.add(
                        key + " is a secret, and the command line is visible to others; set the environment variable "
                                + ConfigSources.variableOf(key) + " or use a file");
            }
        });
    }

    private String whereOf(String key) {
        Setting setting = settings.get(key);
        return setting == null ? "(default)" : setting.where();
    }

    private static void stopOn(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
