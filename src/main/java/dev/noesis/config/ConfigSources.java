package dev.noesis.config;

import dev.noesis.model.Lane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from, the later over the earlier: the file, the environment, the command line. What none of them sets
 * has its default.
 *
 * @param file in Java's properties format, UTF-8; null for none
 * @param environment of which names that start with {@code NOESIS_} count: {@code NOESIS_LLM_BASE_URL} is {@code llm.base.url}.
 *     One that is empty is as if it were not there. {@code ANTHROPIC_API_KEY} or {@code OPENAI_API_KEY}, by the
 *     provider, is the model client's key where nothing else gives one
 * @param overrides {@code key=value} each, as given to {@code --set}; the last of a key counts
 */
public record ConfigSources(@Nullable Path file, Map<String, String> environment, List<String> overrides) {
    /** Before the name of a key in the environment. */
    static final String PREFIX = "NOESIS_";

    private static final String COMMAND_LINE = "--set";
    private static final String ENVIRONMENT = "environment";

    /** Read by the start script and the logging configuration, and no keys. */
    private static final Set<String> NO_KEYS =
            Set.of("NOESIS_HOME", "NOESIS_JAVA_HOME", "NOESIS_OPTS", "NOESIS_LOG_LEVEL", "NOESIS_LOG_LEVEL_LIBRARIES");

    /**
     * What Kubernetes sets in each container for a service whose name starts with "noesis". One of them is told from a key only by
     * its value, which is a URL.
     */
    private static final Pattern SERVICE_LINK = Pattern.compile("NOESIS_(?:.*_)?"
            + "(?:SERVICE_HOST=.*|SERVICE_PORT(?:_.*)?=.*|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_.*)?=.*|PORT=[a-z]+://.*)");

    public ConfigSources {
        environment = Map.copyOf(environment);
        overrides = List.copyOf(overrides);
    }

    /**
     * One value as it was given.
     *
     * @param name as the user wrote it: of the key, or of the environment variable
     * @param source of the value, for a message
     * @param rank of its source; a higher one was given with more intent
     */
    record Setting(String name, String value, String source, int rank) {
        boolean fromCommandLine() {
            return source.equals(COMMAND_LINE);
        }

        boolean fromEnvironment() {
            return source.equals(ENVIRONMENT);
        }

        /** The source in words, after the key's name: the variable where it has another name than the key. */
        String where() {
            return fromEnvironment() ? "(environment variable " + name + ")" : "(" + source + ")";
        }

        /** The value is left out: it may be a secret, or stand where one belongs. */
        @Override
        public String toString() {
            return name + " (" + source + ")";
        }
    }

    /**
     * The settings of all sources by key, in the order of their names; keys are not checked here.
     *
     * @throws ConfigurationException if the file cannot be read, or an override has no {@code =}
     */
    Map<String, Setting> read() {
        var settings = new TreeMap<String, Setting>();
        if (file != null) {
            properties(file).forEach((key, value) -> settings.put(key, new Setting(key, value, "file " + file, 1)));
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !isForeign(name, value) && !value.isEmpty()) {
                settings.put(keyOf(name), new Setting(name, value, ENVIRONMENT, 2));
            }
        });
        overrides.forEach(override -> {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new ConfigurationException(
                        "--set wants key=value, and one was given without a key or without '='");
            }
            String key = override.substring(0, equals).strip();
            settings.put(key, new Setting(key, override.substring(equals + 1), COMMAND_LINE, 3));
        });
        fallBackToTheProvidersVariables(settings);
        return settings;
    }

    /** The environment variable of a key. */
    static String variableOf(String key) {
        return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static String keyOf(String variable) {
        return variable.substring(PREFIX.length()).replace('_', '.').toLowerCase(Locale.ROOT);
    }

    private static boolean isForeign(String variable, String value) {
        return NO_KEYS.contains(variable)
                || SERVICE_LINK.matcher(variable + "=" + value).matches();
    }

    private void fallBackToTheProvidersVariables(Map<String, Setting> settings) {
        String common = providerOf(settings.get(Keys.llm(Keys.PROVIDER)), RequestConfig.Provider.ANTHROPIC.id());
        fallBackTo(common, Keys.llm(Keys.API_KEY), Keys.llm(Keys.API_KEY_FILE), settings);
        for (Lane lane : Lane.values()) {
            String own = providerOf(settings.get(Keys.llm(lane, Keys.PROVIDER)), common);
            if (!own.equals(common)) {
                fallBackTo(own, Keys.llm(lane, Keys.API_KEY), Keys.llm(lane, Keys.API_KEY_FILE), settings);
            }
            for (String name : Fallbacks.of(lane, settings)) {
                String its = providerOf(settings.get(Keys.fallback(name, Keys.PROVIDER)), own);
                // one with an address of its own may be anybody's
                if (!its.equals(own) && !settings.containsKey(Keys.fallback(name, Keys.BASE_URL))) {
                    fallBackTo(
                            its, Keys.fallback(name, Keys.API_KEY), Keys.fallback(name, Keys.API_KEY_FILE), settings);
                }
            }
        }
    }

    private static String providerOf(@Nullable Setting setting, String otherwise) {
        return setting == null ? otherwise : setting.value();
    }

    /** @param provider as it was given, and so perhaps none; that is told elsewhere */
    private void fallBackTo(String provider, String key, String fileKey, Map<String, Setting> settings) {
        boolean given = settings.containsKey(key) || settings.containsKey(fileKey);
        for (RequestConfig.Provider known : RequestConfig.Provider.values()) {
            String value = environment.getOrDefault(known.keyVariable(), "");
            if (known.id().equals(provider) && !given && !value.isEmpty()) {
                settings.put(key, new Setting(known.keyVariable(), value, ENVIRONMENT, 0));
            }
        }
    }

    private static Map<String, String> properties(Path file) {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("the configuration file " + file + " does not exist");
        } catch (IOException | IllegalArgumentException e) {
            // the exception's own text may quote a line, and a line may hold a secret
            throw new ConfigurationException("the configuration file " + file
                    + " cannot be read as properties in UTF-8 (" + e.getClass().getSimpleName() + ")");
        }
        var values = new LinkedHashMap<String, String>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return values;
    }
}
