package dev.noesis.cli;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.DueTimes;
import dev.noesis.mind.Memory;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.model.Schedule.Cron;
import dev.noesis.model.Schedule.Every;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noesis heartbeat status}: an agent's schedule, by a fold of its log. */
@Command(
        name = "status",
        description = "Fold the agent's log and show its schedule, when it is due next, and what it has spent today.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class HeartbeatStatusCommand implements Runnable {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        Cognition mind = PartitionLog.of(connection, who).cognition();
        PrintWriter out = spec.commandLine().getOut();
        show(mind, who.agent(), System.currentTimeMillis(), out);
        out.flush();
    }

    /** @param now epoch milliseconds */
    static void show(Cognition mind, String agent, long now, PrintWriter out) {
        Memory.Agent memory = mind.agent(agent);
        Schedule schedule = mind.schedule(agent);
        if (schedule == null) {
            out.println("no schedule; ticks come from outside only");
        } else {
            out.println(line(schedule));
            if (schedule.checks() != null) {
                out.println("checks      " + checks(schedule.checks()));
            }
            Long next = DueTimes.next(schedule, agent, now);
            out.println("next due    " + (next == null ? "never" : Instant.ofEpochMilli(next)));
            long spent = mind.spentSince(agent, DueTimes.midnight(schedule, now));
            Long limit = schedule.tokensPerDay();
            out.printf("spent today %,d tokens%s%n", spent, limit == null ? "" : " of %,d".formatted(limit));
        }
        if (memory.heartbeatRun() != null) {
            out.println("under way   " + memory.heartbeatRun());
        }
        if (memory.fault() != null) {
            out.println("out of service since offset " + memory.faultOffset() + ": " + memory.fault());
        }
    }

    private static String line(Schedule schedule) {
        var line = new StringBuilder("schedule    ").append(schedule.enabled() ? "" : "disabled, ");
        line.append(
                switch (schedule.rhythm()) {
                    case null -> "ticks from outside only";
                    case Every every -> "every " + Duration.ofMillis(every.everyMs());
                    case Cron cron -> "cron " + cron.expression();
                });
        line.append(", ").append(schedule.timezone());
        if (schedule.activeHours() != null) {
            line.append(", from ")
                    .append(schedule.activeHours().from())
                    .append(" to ")
                    .append(schedule.activeHours().to());
        }
        line.append(", misfire ").append(schedule.misfire().id());
        return (schedule.model() == null ? line : line.append(", model ").append(schedule.model())).toString();
    }

    private static String checks(List<CheckPlan> plans) {
        return plans.isEmpty()
                ? "none"
                : plans.stream()
                        .map(plan -> plan.everyMs() == null
                                ? plan.name()
                                : plan.name() + " every " + Duration.ofMillis(plan.everyMs()))
                        .collect(Collectors.joining(", "));
    }
}
