package dev.noesis.cli;

import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptException;
import dev.noesis.demo.ScriptedModelServer;
import java.io.UncheckedIOException;
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
        description = {
            "Run a scripted model server, until it is interrupted.",
            "It speaks the Messages API. Without a script it is a small talker that uses the tools it is offered."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class ModelCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address to listen at (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8089",
            description = "Port to listen at; 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port = 8089;

    @Option(names = "--script", paramLabel = "FILE", description = "What it answers, in YAML.")
    private @Nullable Path script;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ScriptedModelServer server = start();
        spec.commandLine().getOut().println("model server at " + server.baseUrl());
        spec.commandLine().getOut().flush();
        ServerProcess.runUntilStopped("model", server::close);
        return 0;
    }

    private ScriptedModelServer start() {
        try {
            var options = ScriptedModelServer.Options.defaults().withAddress(host, port);
            return ScriptedModelServer.start(script == null ? options : options.withScript(Script.load(script)));
        } catch (ScriptException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new CommandException("the model server cannot start: " + e.getMessage(), e);
        }
    }
}
