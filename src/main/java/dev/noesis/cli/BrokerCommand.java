package dev.noesis.cli;

import dev.noesis.demo.EmbeddedBroker;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis broker}: a Kafka broker for trying things out. */
@Command(
        name = "broker",
        description = "Run a Kafka broker of one node, for trying things out, until SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class BrokerCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            defaultValue = "9092",
            paramLabel = "PORT",
            description = "Port to listen on, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9092;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "HOST",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where topics are kept; without it they end with the broker.")
    private @Nullable Path data;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        EmbeddedBroker.Options options =
                EmbeddedBroker.Options.defaults().withHost(host).withPort(port);
        EmbeddedBroker broker = EmbeddedBroker.start(data == null ? options : options.withDataDir(data));
        spec.commandLine().getOut().println("noesis broker listens on " + broker.bootstrapServers());
        spec.commandLine().getOut().flush();
        UntilStopped.run(broker);
        return 0;
    }
}
