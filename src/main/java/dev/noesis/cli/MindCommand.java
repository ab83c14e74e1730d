package dev.noesis.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code noesis mind}: reads an agent's memory from the log. */
@Command(
        name = "mind",
        description = "Read an agent's memory from its log.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {MindLogCommand.class, MindShowCommand.class, MindVerifyCommand.class, MindDeleteCommand.class})
final class MindCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
