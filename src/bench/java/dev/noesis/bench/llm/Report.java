package dev.noesis.bench.llm;

import dev.noesis.bench.llm.Goals.Goal;
import dev.noesis.serde.Json;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tables of medians, and whether the goals are met. */
final class Report {
    private static final Peer.Kind OURS = Peer.Kind.NOESIS;

    private final Results results;
    private final List<Peer.Kind> clients;
    private final int rounds;
    private final int seconds;
    private final List<Goal> goals;

    Report(Results results, List<Peer.Kind> clients, int rounds, int seconds) {
        this.results = results;
        this.clients = clients;
        this.rounds = rounds;
        this.seconds = seconds;
        this.goals = new Goals(results).all();
    }

    String markdown() {
        var page = new StringBuilder("# Model clients, measured\n\n");
        for (String line : circumstances()) {
            page.append("- ").append(line).append('\n');
        }
        for (String workload : results.workloads()) {
            if (workload.startsWith("drip") || workload.startsWith("flood")) {
                stream(page, workload);
            } else if (workload.equals("unary")) {
                unary(page);
            }
        }
        faults(page);
        page.append("\n## Goals\n\n| goal | measured | |\n|---|---|---|\n");
        for (Goal goal : goals) {
            page.append("| %s | %s | %s |\n".formatted(goal.what(), goal.measured(), goal.verdict()));
        }
        return page.toString();
    }

    private List<String> circumstances() {
        return List.of(
                Machine.describe(),
                "Java " + Runtime.version() + "; options of each process: " + String.join(" ", Machine.options()),
                "versions: " + Machine.versions(clients),
                "command: `" + Machine.command(clients, results.workloads(), rounds, seconds) + "`",
                "date: " + LocalDate.now(ZoneOffset.UTC),
                "medians of " + rounds
                        + " rounds after warm-up, clients in turn in each round, one process each, against one "
                        + "server process with one event loop on the same machine; one event loop each for noesis and "
                        + "reactor-netty, the others as they come",
                "reactor-netty and jdk-httpclient read the stream with our parser");
    }

    private void stream(StringBuilder page, String workload) {
        page.append("\n## ")
                .append(workload)
                .append(
                        "\n\n| client | CPU µs/delta | × ours | B/delta | × ours | threads | peak RSS MiB | delay p50 ms | p99 ms "
                                + "| deltas/s | arrived | failures | client cores | server cores |\n"
                                + "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (Peer.Kind client : clients) {
            page.append("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                            client.id(),
                            number(workload, client, "cpuMicros", 1),
                            ratio(workload, client, "cpuMicros"),
                            number(workload, client, "bytes", 1),
                            ratio(workload, client, "bytes"),
                            number(workload, client, "threads", 1),
                            number(workload, client, "rssMiB", 1),
                            number(workload, client, "p50Micros", 1_000),
                            number(workload, client, "p99Micros", 1_000),
                            number(workload, client, "deltasPerSecond", 1),
                            percent(results.median(workload, client, "arrived")),
                            worst(workload, client, "failures"),
                            number(workload, client, "cores", 1),
                            number(workload, client, "serverCores", 1)));
        }
    }

    private void unary(StringBuilder page) {
        page.append("""

                ## unary: a whole short answer, calls one after another

                | client | p50 µs | × ours | p99 µs | CPU µs/call | × ours | B/call | × ours | failures |
                |---|---|---|---|---|---|---|---|---|
                """);
        for (Peer.Kind client : clients) {
            page.append("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                            client.id(),
                            number("unary", client, "p50Micros", 1),
                            ratio("unary", client, "p50Micros"),
                            number("unary", client, "p99Micros", 1),
                            number("unary", client, "cpuMicros", 1),
                            ratio("unary", client, "cpuMicros"),
                            number("unary", client, "bytes", 1),
                            ratio("unary", client, "bytes"),
                            worst("unary", client, "failures")));
        }
    }

    private void faults(StringBuilder page) {
        if (LlmBench.FAULTS.stream().noneMatch(fault -> results.workloads().contains("fault-" + fault))) {
            return;
        }
        page.append("\n## Faults: what the client tells, and when\n\n")
                .append("Limit for a silent server: ")
                .append(ClientProcess.SILENCE.toMillis())
                .append(" ms, in each client's own terms; observed for ")
                .append(FaultCall.PATIENCE.toMillis())
                .append(
                        " ms. `mute`: no response; `stall`: silence within the answer; `pings`: only signs of life; `cut`: the"
                                + " response ends, its last event missing; `broken`: the connection is closed within the response.\n\n"
                                + "| client | mute | stall | pings | cut | broken |\n|---|---|---|---|---|---|\n");
        for (Peer.Kind client : clients) {
            page.append("| ").append(client.id());
            for (String fault : LlmBench.FAULTS) {
                page.append(" | ").append(told(fault, client));
            }
            page.append(" |\n");
        }
    }

    private String told(String fault, Peer.Kind client) {
        for (JsonNode result : results.rounds("fault-" + fault, client)) {
            JsonNode after = result.path("afterMs");
            return result.path("told").asString("?") + (after.isMissingNode() ? "" : ", " + after.asLong() + " ms");
        }
        return "–";
    }

    private String number(String workload, Peer.Kind client, String figure, double unit) {
        return plain(results.median(workload, client, figure) / unit);
    }

    private String worst(String workload, Peer.Kind client, String figure) {
        return plain(results.most(workload, client, figure));
    }

    private String ratio(String workload, Peer.Kind client, String figure) {
        double ratio = results.median(workload, client, figure) / results.median(workload, OURS, figure);
        return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "–";
    }

    private static String percent(double share) {
        return Double.isFinite(share) ? Math.round(share * 100) + " %" : "–";
    }

    /** Three digits that count, and no more. */
    private static String plain(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        if (value == Math.rint(value) || Math.abs(value) >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }

    byte[] json() {
        ObjectNode page = Json.object();
        var about = page.putArray("about");
        circumstances().forEach(about::add);
        ObjectNode workloads = page.putObject("workloads");
        for (String workload : results.workloads()) {
            ObjectNode byClient = workloads.putObject(workload);
            for (Peer.Kind client : clients) {
                var each = byClient.putArray(client.id());
                results.rounds(workload, client).forEach(each::add);
            }
        }
        var list = page.putArray("goals");
        for (Goal goal : goals) {
            list.addObject()
                    .put("goal", goal.what())
                    .put("measured", goal.measured())
                    .put("verdict", goal.verdict());
        }
        return Json.write(page);
    }
}
