package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.model.Lane;
import dev.noesis.worker.Worker;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis worker}: runs lanes until it is told to stop. */
@Command(
        name = "worker",
        description = "Answer chat requests and heartbeat ticks until SIGTERM or Ctrl-C; then drain and exit.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class WorkerCommand implements Callable<Integer> {
    /** A worker that restores much may take long to become ready. */
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--lanes",
            paramLabel = "LANES",
            description = "Which lanes to run: chat, heartbeat or both with a comma; the same as --set lanes=LANES.")
    private @Nullable String lanes;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        long started = System.nanoTime();
        NoesisConfig config = lanes == null ? connection.load() : connection.load("lanes=" + lanes);
        Worker worker = Worker.start(config, connection.brokerLimit());
        ServerProcess.closeWhenStopped("worker", () -> close(worker));
        if (worker.http() != null) {
            spec.commandLine().getOut().printf("noesis worker tells how it is at %s%n", worker.http());
            spec.commandLine().getOut().flush();
        }
        boolean ready = false;
        while (!ready && !worker.failed().isDone()) {
            ready = worker.awaitReady(LOOK_EVERY);
        }
        if (ready) {
            spec.commandLine()
                    .getOut()
                    .printf(
                            "noesis worker is ready: %s, after %.1f s%n",
                            config.lanes().stream().map(Lane::id).sorted().collect(Collectors.joining(", ")),
                            seconds(started));
            spec.commandLine().getOut().flush();
        }
        String why = worker.failed().get();
        worker.close();
        throw new CommandException(why);
    }

    /** A worker that could not go on ends with 1, by whatever way it ends. */
    private static void close(Worker worker) {
        worker.close();
        if (worker.failed().isDone()) {
            throw new CommandException("the worker could not go on");
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
