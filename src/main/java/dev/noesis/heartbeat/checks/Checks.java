package dev.noesis.heartbeat.checks;

import dev.noesis.config.CheckConfig;
import dev.noesis.config.ConfigurationException;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The checks that a worker has, as its configuration names them. {@code signals} is none of them: the lane itself raises what
 * waits.
 *
 * <p><b>Threading.</b> Immutable, but for {@link #close}, which the owner calls when no look is under way.
 */
public final class Checks implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");

    private final boolean signals;
    private final Map<String, Check> byName;
    private final @Nullable HttpClient client;

    private Checks(boolean signals, Map<String, Check> byName, @Nullable HttpClient client) {
        this.signals = signals;
        this.byName = byName;
        this.client = client;
    }

    /**
     * A check whose answers were asked for once, so that it cannot change them, and with the times that configuration gives it.
     */
    private record Configured(
            String name,
            Duration every,
            Duration timeout,
            boolean blocks,
            boolean isUrgent,
            boolean seesAll,
            Check code)
            implements Check {
        static Configured of(Check check, CheckConfig config) {
            return new Configured(
                    check.name(),
                    Objects.requireNonNullElseGet(config.every(), check::every),
                    Objects.requireNonNullElseGet(config.timeout(), check::timeout),
                    check.blocks(),
                    check.isUrgent(),
                    check.seesAll(),
                    check);
        }

        @Override
        public List<Found> look(View view) throws Exception {
            return code.look(view);
        }
    }

    /** A class cannot be used; the message completes a sentence. */
    private static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(message);
        }

        UnusableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Makes the checks, those of classes by their public constructor without parameters.
     *
     * @throws ConfigurationException that tells of each check which cannot be made
     */
    public static Checks of(List<CheckConfig> configured) {
        List<String> problems = new ArrayList<>();
        Map<String, Check> byName = new LinkedHashMap<>();
        HttpClient client =
                configured.stream().anyMatch(CheckConfig.Http.class::isInstance) ? HttpCheck.client() : null;
        for (CheckConfig config : configured) {
            if (config.name().equals(CheckConfig.SIGNALS)) {
                continue;
            }
            try {
                Check check = make(config, client);
                if (byName.putIfAbsent(check.name(), check) != null) {
                    throw new UnusableException("there is another check with its name, " + check.name());
                }
            } catch (UnusableException e) {
                problems.add(CheckConfig.namedIn() + " names " + config.name() + ", which cannot be used: "
                        + e.getMessage());
            }
        }
        Checks checks = new Checks(
                configured.stream().anyMatch(config -> config.name().equals(CheckConfig.SIGNALS)), byName, client);
        if (!problems.isEmpty()) {
            checks.close();
            throw new ConfigurationException(problems);
        }
        return checks;
    }

    private static Check make(CheckConfig config, @Nullable HttpClient client) throws UnusableException {
        return switch (config) {
            case CheckConfig.BuiltIn builtIn -> Configured.of(builtIn(builtIn.name()), builtIn);
            case CheckConfig.Http http -> new HttpCheck(http, Objects.requireNonNull(client));
            case CheckConfig.OfClass ofClass -> ofClass(ofClass);
        };
    }

    private static Check builtIn(String name) throws UnusableException {
        return switch (name) {
            case CheckConfig.FAILURES -> new FailuresCheck();
            case CheckConfig.HEALTH -> new HealthCheck();
            case CheckConfig.SELF -> new SelfCheck();
            default -> throw new UnusableException("there is no such check");
        };
    }

    private static Check ofClass(CheckConfig.OfClass config) throws UnusableException {
        try {
            Check check = Configured.of(instance(config.name()), config);
            if (!NAME.matcher(check.name()).matches()) {
                throw new UnusableException("its name is not 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
            }
            if (CheckConfig.KNOWN.contains(check.name())) {
                throw new UnusableException("its name, " + check.name() + ", is that of a built-in check");
            }
            if (!check.every().isPositive() || !check.timeout().isPositive()) {
                throw new UnusableException("how often it looks, and how long, must be more than nothing");
            }
            return check;
        } catch (RuntimeException | LinkageError e) {
            throw new UnusableException("it failed: " + e, e);
        }
    }

    private static Check instance(String name) throws UnusableException {
        try {
            Class<?> type = Class.forName(name);
            if (!Check.class.isAssignableFrom(type)) {
                throw new UnusableException("it does not implement " + Check.class.getName());
            }
            return type.asSubclass(Check.class).getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new UnusableException("there is no such class on the class path", e);
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new UnusableException(
                    "it has to be a public class with a public constructor without parameters, and not abstract", e);
        } catch (InvocationTargetException e) {
            throw new UnusableException("its constructor failed: " + e.getCause(), e);
        }
    }

    /** Whether waiting signals are to be raised. */
    public boolean signals() {
        return signals;
    }

    /** By which ticks and schedules name them: {@code signals}, where they are raised, and then the others. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        if (signals) {
            names.add(CheckConfig.SIGNALS);
        }
        names.addAll(byName.keySet());
        return names;
    }

    /** In the order of configuration. */
    public List<Check> all() {
        return List.copyOf(byName.values());
    }

    /** The check of that name; null where there is none. */
    public @Nullable Check named(String name) {
        return byName.get(name);
    }

    /** Gives up the connections. Looks that are still under way fail. */
    @Override
    public void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
