package dev.noesis.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code noesis heartbeat}: when an agent looks after itself, and what comes of it. */
@Command(
        name = "heartbeat",
        description =
                "Say when an agent is to look after itself, see what it finds, and say what is to become of that.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            HeartbeatScheduleCommand.class,
            HeartbeatStatusCommand.class,
            TickCommand.class,
            HeartbeatOutcomesCommand.class,
            HeartbeatFindingsCommand.class,
            HeartbeatReactCommand.Acknowledge.class,
            HeartbeatReactCommand.Resolve.class,
            HeartbeatReactCommand.Dismiss.class,
            HeartbeatTuneCommand.class
        })
final class HeartbeatCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
