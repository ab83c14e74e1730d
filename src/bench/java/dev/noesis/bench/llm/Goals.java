package dev.noesis.bench.llm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What our client has to reach beside the others, in the same run. */
final class Goals {
    /** A goal, what was measured of it, and whether that is enough. */
    record Goal(String what, String measured, String verdict) {}

    private static final Peer.Kind OURS = Peer.Kind.NOESIS;
    /** A failure is told within its limit and this, for a machine that is busy. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private static final String FEW = "drip-300";
    private static final String MANY = "drip-2000";

    private final Results results;

    Goals(Results results) {
        this.results = results;
    }

    List<Goal> all() {
        List<Goal> goals = new ArrayList<>();
        for (String drip : List.of(FEW, MANY)) {
            goals.add(ratio(drip, "cpuMicros", "CPU per delta", Peer.Kind.ANTHROPIC, 0.35));
            goals.add(ratio(drip, "cpuMicros", "CPU per delta", Peer.Kind.LANGCHAIN4J, 0.35));
            goals.add(ratio(drip, "cpuMicros", "CPU per delta", Peer.Kind.REACTOR_NETTY, 1.0));
            goals.add(ratio(drip, "bytes", "allocation per delta", Peer.Kind.ANTHROPIC, 0.15));
        }
        goals.add(threads());
        goals.add(noFailures());
        LlmBench.FAULTS.forEach(fault -> goals.add(told(fault)));
        return goals;
    }

    private Goal ratio(String workload, String figure, String words, Peer.Kind peer, double most) {
        double ratio = results.median(workload, OURS, figure) / results.median(workload, peer, figure);
        return goal(
                workload + ": " + words + " ≤ " + most + " × " + peer.id(),
                String.format(Locale.ROOT, "%.2f ×", ratio),
                Double.isFinite(ratio),
                ratio <= most);
    }

    private Goal threads() {
        double few = results.most(FEW, OURS, "threads");
        double many = results.most(MANY, OURS, "threads");
        return goal(
                "2,000 streams take no more threads than 300",
                String.format(Locale.ROOT, "%.0f and %.0f", many, few),
                Double.isFinite(few) && Double.isFinite(many),
                many <= few);
    }

    private Goal noFailures() {
        double failures = results.most(MANY, OURS, "failures") + results.most(MANY, OURS, "notBegun");
        return goal(
                "2,000 streams, none fails",
                String.format(Locale.ROOT, "%.0f failed", failures),
                Double.isFinite(failures),
                failures == 0);
    }

    private Goal told(String fault) {
        List<JsonNode> told = results.rounds("fault-" + fault, OURS);
        long most = ClientProcess.SILENCE.plus(GRACE).toMillis();
        String what = fault + " is told as a failure within " + ClientProcess.SILENCE.toMillis() + " ms";
        if (told.isEmpty()) {
            return goal(what, "–", false, false);
        }
        JsonNode first = told.getFirst();
        String outcome = first.path("told").asString("");
        long after = first.path("afterMs").asLong(Long.MAX_VALUE);
        return goal(what, outcome + " after " + after + " ms", true, !outcome.equals("success") && after <= most);
    }

    private static Goal goal(String what, String measured, boolean wasMeasured, boolean met) {
        return new Goal(what, wasMeasured ? measured : "–", !wasMeasured ? "not measured" : met ? "met" : "MISSED");
    }
}
