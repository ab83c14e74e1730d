package dev.noesis.cli;

import dev.noesis.config.ConfigurationException;
import dev.noesis.topics.TopicException;
import dev.noesis.topics.TopicProblem;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into one line on stderr for each problem, and an exit code. */
final class ErrorLines implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final BooleanSupplier stacktrace;

    ErrorLines(BooleanSupplier stacktrace) {
        this.stacktrace = stacktrace;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + firstLine(e.getMessage()) + "; see " + name + " --help");
        trace(e, command);
        return WRONG_USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        lines(e).forEach(line -> command.getErr().println("noesis: " + line));
        trace(e, command);
        return e instanceof ConfigurationException ? WRONG_USAGE : FAILED;
    }

    private static List<String> lines(Exception e) {
        return switch (e) {
            case ConfigurationException configuration -> configuration.problems();
            case TopicException topics ->
                topics.problems().stream().map(TopicProblem::sentence).toList();
            case CommandException command -> List.of(firstLine(command.getMessage()));
            case KafkaException kafka -> List.of("Kafka: " + firstLine(kafka.getMessage()));
            default ->
                List.of("unexpected " + e.getClass().getSimpleName() + ": " + firstLine(e.getMessage())
                        + " (--stacktrace shows where)");
        };
    }

    private void trace(Exception e, CommandLine command) {
        if (stacktrace.getAsBoolean()) {
            e.printStackTrace(command.getErr());
        }
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }
}
