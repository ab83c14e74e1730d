package dev.noesis.cli;

import dev.noesis.demo.EmbeddedBroker;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis broker}: a Kafka cluster of one node, to try things with. */
@Command(
        name = "broker",
        description = {
            "Run a Kafka broker in this process, until it is interrupted.",
            "For trying things out: it is one node, without authentication or encryption."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class BrokerCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address to listen at and to tell clients (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Port to listen at; 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9092;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the data are kept over restarts; without it they are deleted at the end.")
    private @Nullable Path data;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        EmbeddedBroker broker = start();
        spec.commandLine().getOut().println("broker at " + broker.bootstrapServers() + ", data in " + broker.dataDir());
        spec.commandLine().getOut().flush();
        ServerProcess.runUntilStopped("broker", broker::close);
        return 0;
    }

    private EmbeddedBroker start() {
        try {
            var options = EmbeddedBroker.Options.defaults().withHost(host).withPort(port);
            return EmbeddedBroker.start(data == null ? options : options.withDataDir(data));
        } catch (IllegalArgumentException | UncheckedIOException | KafkaException e) {
            throw new CommandException("the broker cannot start: " + e.getMessage(), e);
        }
    }
}
