package dev.noesis.cli;

import dev.noesis.mind.Cognition;
import dev.noesis.mind.Memory.FindingEntry;
import dev.noesis.model.Finding;
import dev.noesis.serde.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code noesis heartbeat findings}: what an agent's ticks found, by a fold of its log. */
@Command(
        name = "findings",
        description = {
            "Fold the agent's log and show what its ticks found, newest last: fingerprint, urgency, state, age, what it",
            "is and what was decided. What is resolved or dismissed is settled, and not shown."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class HeartbeatFindingsCommand implements Runnable {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(names = "--all", description = "Show what is settled, too, until it is forgotten.")
    private boolean all;

    @Option(names = "--json", description = "Print each finding as a JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        List<FindingEntry> findings = findings(PartitionLog.of(connection, who).cognition(), who.agent(), all);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            findings.forEach(entry -> out.println(json(entry)));
        } else {
            show(findings, System.currentTimeMillis(), out);
        }
        out.flush();
    }

    /** Newest last; those that are settled only where all are asked for. */
    static List<FindingEntry> findings(Cognition mind, String agent, boolean all) {
        return mind.findings(agent).stream()
                .filter(entry -> all || !isSettled(entry))
                .sorted(Comparator.comparingLong(FindingEntry::raisedAt))
                .toList();
    }

    private static boolean isSettled(FindingEntry entry) {
        return switch (entry.state()) {
            case NEW, TRIAGED, FLAPPING, ACKNOWLEDGED -> false;
            case RESOLVED, DISMISSED -> true;
        };
    }

    /** @param now epoch milliseconds */
    static void show(List<FindingEntry> findings, long now, PrintWriter out) {
        if (findings.isEmpty()) {
            out.println("no findings");
        }
        for (FindingEntry entry : findings) {
            out.println("%s  %-6s  %-12s  %4s  %s%s"
                    .formatted(
                            entry.finding().fingerprint(),
                            entry.finding().urgency().id(),
                            state(entry),
                            age(Duration.ofMillis(now - entry.raisedAt())),
                            gist(entry.finding()),
                            entry.decision() == null ? "" : "  → " + entry.decision()));
        }
    }

    /** Who told of it, and what it is. */
    static String gist(Finding finding) {
        return MindLine.shortened(finding.source() + ": " + finding.summary());
    }

    static ObjectNode json(FindingEntry entry) {
        Finding finding = entry.finding();
        ObjectNode json = Json.object()
                .put("fingerprint", finding.fingerprint())
                .put("check", finding.check())
                .put("source", finding.source())
                .put("summary", finding.summary())
                .put("urgency", finding.urgency().id())
                .put("needsAction", finding.needsAction());
        if (finding.data() != null) {
            json.set("data", Json.tree(finding.data()));
        }
        json.put("state", state(entry))
                .put("raisedAt", Instant.ofEpochMilli(entry.raisedAt()).toString())
                .put("tickId", entry.tickId());
        if (entry.runId() != null) {
            json.put("runId", entry.runId());
        }
        if (entry.decision() != null) {
            json.put("decision", entry.decision());
        }
        return entry.text() == null ? json : json.put("text", entry.text());
    }

    private static String state(FindingEntry entry) {
        return entry.state().name().toLowerCase(Locale.ROOT);
    }

    /** In the largest unit that it has one of, as intervals are written. */
    private static String age(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() + "d";
        }
        if (age.toHours() > 0) {
            return age.toHours() + "h";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    }
}
