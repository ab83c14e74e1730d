package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noesis mind verify}: folds the log anew and compares it with the lanes' checkpoints. */
@Command(
        name = "verify",
        description = "Fold the agent's partition of the log anew and compare with what both lanes' stores were.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class MindVerifyCommand implements Callable<Integer> {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        NoesisConfig config = connection.load();
        var log = new PartitionLog(
                config.kafka(), new Topics(config.deployment()), who.agent(), connection.brokerLimit());
        return verify(log, spec.commandLine().getOut());
    }

    /** Prints what holds and what does not; 0 if all does, else 1. */
    static int verify(PartitionLog log, PrintWriter out) {
        var verifier = new CheckpointVerifier();
        Fold fold;
        try {
            fold = log.fold(verifier::accept);
        } catch (Fold.StoppedException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        out.printf(
                "partition %d, %,d records folded%n",
                log.partition(), fold.position().offset() + 1);
        for (Lane lane : Lane.values()) {
            out.printf("  %-9s %,d checkpoints hold%n", lane.id(), verifier.held(lane));
        }
        verifier.problems().forEach(problem -> out.println("  " + problem));
        boolean none = verifier.held(Lane.CHAT) + verifier.held(Lane.HEARTBEAT) == 0;
        out.println(
                !verifier.problems().isEmpty()
                        ? "it does not hold"
                        : none
                                ? "nothing to compare: no lane has written a checkpoint here yet"
                                : "both stores were what the log says");
        out.flush();
        return verifier.problems().isEmpty() ? 0 : 1;
    }
}
