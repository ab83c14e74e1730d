package dev.noesis.cli;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigSources;
import dev.noesis.config.NoesisConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that talks to brokers. */
public final class ConnectionOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Brokers to connect to; the same as --set bootstrap.servers=HOST:PORT.")
    private @Nullable String bootstrapServers;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings, in Java's properties format.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, over the file and the environment; may be given several times."
                    + " `noesis config` lists the keys.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--broker-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Longest wait for a broker to answer (default: ${DEFAULT-VALUE}).")
    private int brokerTimeout = 10;

    /** Longest wait for a broker to answer. */
    public Duration brokerLimit() {
        return Duration.ofSeconds(brokerTimeout);
    }

    /**
     * The configuration of the file, the environment and these options, and of more settings that stand over them.
     *
     * @throws dev.noesis.config.ConfigurationException if it cannot be used
     */
    public NoesisConfig load(String... more) {
        var all = new ArrayList<>(overrides);
        all.addAll(List.of(more));
        if (bootstrapServers != null) {
            all.add("bootstrap.servers=" + bootstrapServers);
        }
        return ConfigLoader.load(new ConfigSources(file, System.getenv(), all));
    }
}
