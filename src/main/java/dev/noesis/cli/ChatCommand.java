package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.Topics;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code noesis chat}: asks an agent and shows its answer as it comes. */
@Command(
        name = "chat",
        description = {
            "Ask an agent, and show its answer as it comes.",
            "The answer goes to stdout; tool calls and the outcome go to stderr. Without TEXT, each line of stdin is a"
                    + " question. Ctrl-C cancels the run and waits for its reply."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:answered",
            "1:the run failed or was cancelled, or no reply came; stderr says why",
            "2:wrong usage or configuration"
        })
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(
            names = "--thread",
            defaultValue = "main",
            paramLabel = "THREAD",
            description = "Which conversation with the agent it is part of (default: ${DEFAULT-VALUE}).")
    private String thread = "main";

    @Option(
            names = "--timeout",
            defaultValue = "900",
            paramLabel = "SECONDS",
            description = "Longest wait for a reply (default: ${DEFAULT-VALUE}).")
    private int timeout = 900;

    @Parameters(arity = "0..1", paramLabel = "TEXT", description = "What to ask.")
    private @Nullable String text;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        NoesisConfig config = connection.load();
        var topics = new Topics(config.deployment());
        try (var client = ChatClient.open(config.kafka(), topics, who.agent(), connection.brokerLimit());
                var interrupt = new InterruptedRun()) {
            return text == null ? converse(client, interrupt) : ask(client, interrupt, text);
        }
    }

    private int converse(ChatClient client, InterruptedRun interrupt) throws IOException, InterruptedException {
        // absent where stdin or stdout is no terminal
        Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        Charset charset = console.map(Console::charset).orElse(Charset.defaultCharset());
        var questions = new BufferedReader(new InputStreamReader(System.in, charset));
        PrintWriter prompt = spec.commandLine().getErr();
        int worst = 0;
        while (true) {
            if (console.isPresent()) {
                prompt.print(who.agent() + "> ");
                prompt.flush();
            }
            String question = questions.readLine();
            if (question == null) {
                return worst;
            }
            if (!question.isBlank()) {
                worst = Math.max(worst, ask(client, interrupt, question));
            }
        }
    }

    private int ask(ChatClient client, InterruptedRun interrupt, String question) throws InterruptedException {
        var terminal =
                new ChatTerminal(spec.commandLine().getOut(), spec.commandLine().getErr(), Ansi.AUTO.enabled());
        ChatClient.Run run = client.send(thread, question, terminal);
        interrupt.started(run);
        try {
            ChatReply reply = run.reply().get(timeout, TimeUnit.SECONDS);
            terminal.ended(reply);
            return reply instanceof ChatReply.Finished finished
                            && !finished.outcome().equals("cancelled")
                    ? 0
                    : 1;
        } catch (TimeoutException e) {
            throw new CommandException(
                    "no reply came within " + timeout + " s; is a worker with the chat lane running? The run "
                            + run.runId() + " goes on, and its reply will stand in chat.replies",
                    e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandException known
                    ? known
                    : new CommandException("the reply is lost: " + e.getMessage(), e);
        } finally {
            interrupt.ended();
        }
    }
}
