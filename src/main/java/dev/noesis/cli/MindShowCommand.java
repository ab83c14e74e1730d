package dev.noesis.cli;

import dev.noesis.mind.Calibration;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.Memory;
import dev.noesis.mind.Memory.Decision;
import dev.noesis.mind.Memory.Review;
import dev.noesis.mind.Run;
import dev.noesis.mind.Turn;
import dev.noesis.model.Content;
import dev.noesis.model.Message;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis mind show}: an agent's memory, folded from its log. */
@Command(
        name = "show",
        description = "Fold the agent's log and show what it knows: facts, decisions, findings, threads, open runs.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class MindShowCommand implements Runnable {
    private static final int MOST_FACTS = 1_000;
    private static final int WIDTH = 140;

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(
            names = "--turns",
            defaultValue = "3",
            paramLabel = "N",
            description = "How many of each thread's newest turns to show (default: ${DEFAULT-VALUE}).")
    private int turns = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        Cognition mind = PartitionLog.of(connection, who).cognition();
        PrintWriter out = spec.commandLine().getOut();
        show(mind, out);
        out.flush();
    }

    private void show(Cognition mind, PrintWriter out) {
        Memory.Agent agent = mind.agent(who.agent());
        out.printf(
                "%s: %,d tokens in chat, %,d in heartbeats%n",
                who.agent(), agent.chatUsage().total(), agent.heartbeatUsage().total());
        if (agent.fault() != null) {
            out.println("out of service since offset " + agent.faultOffset() + ": " + agent.fault());
        }
        section(
                out,
                "facts",
                mind.facts(who.agent(), MOST_FACTS).reversed().stream()
                        .map(fact -> fact.subject() + ": " + fact.statement() + "  ("
                                + fact.origin().kind().id() + ", " + fact.confidence() + ")")
                        .toList());
        List<Decision> decisions = mind.decisions(who.agent(), Cognition.MAX_DECISIONS);
        section(
                out,
                "decisions" + calibration(Calibration.of(decisions)),
                decisions.reversed().stream().map(MindShowCommand::line).toList());
        section(
                out,
                "findings",
                mind.findings(who.agent()).stream()
                        .map(entry -> entry.state().name().toLowerCase(Locale.ROOT) + "  "
                                + entry.finding().summary()
                                + (entry.decision() == null ? "" : "  → " + entry.decision()))
                        .toList());
        section(
                out,
                "open runs",
                mind.openRuns(who.agent()).stream().map(MindShowCommand::line).toList());
        for (String thread : mind.threads(who.agent())) {
            section(out, "thread " + thread, newest(mind, thread));
        }
    }

    static String calibration(Calibration calibration) {
        return calibration.isTelling()
                ? String.format(
                        Locale.ROOT,
                        " (Brier score %.2f over %d reviewed)",
                        calibration.brierScore(),
                        calibration.reviewed())
                : "";
    }

    static String line(Decision decision) {
        Review review = decision.review();
        return decision.decisionId() + "  "
                + (review == null ? "open" : review.verdict().id()) + "  "
                + oneLine(decision.what()) + "  ("
                + String.join(
                        ", ",
                        decision.category(),
                        decision.stakes().id() + " stakes",
                        decision.origin().kind().id(),
                        String.valueOf(decision.confidence()))
                + ")" + (review == null ? "" : "  → " + oneLine(review.text()));
    }

    private static String line(Run run) {
        return run.runId() + "  " + run.lane().id() + "  " + run.state();
    }

    private List<String> newest(Cognition mind, String thread) {
        List<Turn> newest = new ArrayList<>();
        mind.turnsNewestFirst(who.agent(), thread, turn -> newest.size() < turns && newest.add(turn));
        List<String> lines = new ArrayList<>();
        for (Turn turn : newest.reversed()) {
            for (Message message : turn.messages()) {
                message.content().forEach(block -> lines.add(line(message.role(), block)));
            }
        }
        return lines;
    }

    private static String line(Message.Role role, Content block) {
        String text = switch (block) {
            case Content.Text(String words) -> role.id() + ": " + words;
            case Content.Thinking(String thinking, String _) -> "thinks: " + thinking;
            case Content.RedactedThinking _ -> "thinks (hidden by the provider)";
            case Content.ToolUse(String _, String name, String input) -> "→ " + name + " " + input;
            case Content.ToolResult(String _, String result, boolean isError) ->
                (isError ? "← error: " : "← ") + result;
        };
        return oneLine(text);
    }

    private static String oneLine(String text) {
        String one = text.replaceAll("\\s+", " ").strip();
        return one.length() <= WIDTH ? one : one.substring(0, WIDTH - 1) + "…";
    }

    private static void section(PrintWriter out, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.println();
            out.println(title);
            lines.forEach(line -> out.println("  " + line));
        }
    }
}
