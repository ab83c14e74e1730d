package dev.noesis.cli;

import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis model}: a model server that plays a script. */
@Command(
        name = "model",
        description = "Run a scripted model server that speaks the Messages API, until SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class ModelCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            defaultValue = "8089",
            paramLabel = "PORT",
            description = "Port to listen on, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port = 8089;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "HOST",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--script",
            paramLabel = "FILE",
            description =
                    "What to answer, in YAML; without it the server makes small talk and uses the tools it is offered.")
    private @Nullable Path script;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ScriptedModelServer server = ScriptedModelServer.start(ScriptedModelServer.Options.defaults()
                .withAddress(host, port)
                .withScript(script == null ? null : Script.load(script)));
        spec.commandLine().getOut().println("noesis model listens on " + server.baseUrl());
        spec.commandLine().getOut().flush();
        UntilStopped.run(server);
        return 0;
    }
}
