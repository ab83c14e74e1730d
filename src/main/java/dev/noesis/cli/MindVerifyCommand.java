package dev.noesis.cli;

import dev.noesis.check.Checkpoints;
import dev.noesis.check.Report;
import dev.noesis.mind.Fold;
import dev.noesis.model.Lane;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
        return verify(PartitionLog.of(connection, who), spec.commandLine().getOut());
    }

    /** Prints what holds and what does not; 0 if all does, else 1. */
    private static int verify(PartitionLog log, PrintWriter out) {
        Checkpoints checkpoints = new Checkpoints();
        List<String> problems = new ArrayList<>();
        int[] poison = {0};
        PartitionLog.Folded folded = log.fold((result, position) -> {
            checkpoints.folded(
                    result,
                    position,
                    (lane, problem) ->
                            problems.add(lane.id() + "'s checkpoint (at " + position.offset() + ") " + problem));
            poison[0] += result instanceof Fold.Result.Poison ? 1 : 0;
        });
        out.printf(
                "partition %d, %,d records folded%n",
                folded.partition(), folded.fold().position().offset() + 1);
        int compared = 0;
        for (Lane lane : Lane.values()) {
            Report.Checked checked = checkpoints.of(lane);
            compared += checked.held() + checked.otherBuild();
            out.printf("  %-9s %s%n", lane.id(), CheckReport.checkpoints(checked));
        }
        if (poison[0] > 0) {
            out.printf("  %,d records are no events, and were passed over%n", poison[0]);
        }
        problems.forEach(problem -> out.println("  " + problem));
        out.println(
                !problems.isEmpty()
                        ? "it does not hold"
                        : compared == 0
                                ? "nothing to compare: no lane has written a checkpoint here yet"
                                : "both stores were what the log says");
        out.flush();
        return problems.isEmpty() ? 0 : 1;
    }
}
