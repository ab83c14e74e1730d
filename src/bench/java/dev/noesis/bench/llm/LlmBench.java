package dev.noesis.bench.llm;

import dev.noesis.serde.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Measures the clients. Parameters, all system properties: {@code clients} and {@code workloads}, lists with commas;
 * {@code rounds}; {@code seconds}, of each drip and half of them for each flood.
 */
public final class LlmBench {
    private static final List<String> WORKLOADS = List.of("drip-300", "drip-2000", "flood-50", "unary", "faults");
    private static final int ROUNDS = 5;
    private static final int SECONDS = 6;

    private static final int WARM_UP_STREAMS = 300;
    private static final int WARM_UP_SECONDS = 4;
    private static final int UNARY_CALLS = 300;
    /** It is to cost as little as it can; clients run as they come. */
    private static final List<String> SERVER_OPTIONS = List.of("-Dio.netty.leakDetection.level=disabled");

    private static final int MOST_STREAMS = 4_000;

    /** How an answer can go wrong; {@code Faults} has what the server does. */
    static final List<String> FAULTS = List.of("mute", "stall", "pings", "cut", "broken");

    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration WORKLOAD_LIMIT = Duration.ofMinutes(2);
    private static final Path DIRECTORY = Path.of("target", "bench");

    private final List<Peer.Kind> clients = list("clients").isEmpty()
            ? List.of(Peer.Kind.values())
            : list("clients").stream().map(Peer.Kind::of).toList();
    private final List<String> workloads = list("workloads").isEmpty() ? WORKLOADS : list("workloads");
    private final int rounds = Integer.getInteger("rounds", ROUNDS);
    private final int seconds = Integer.getInteger("seconds", SECONDS);
    private final Results results = new Results();

    private LlmBench() {}

    /** Runs all, and writes {@code target/bench/llm.md} and {@code llm.json}. */
    public static void run() throws Exception {
        new LlmBench().measure();
    }

    private static List<String> list(String property) {
        return Arrays.stream(System.getProperty(property, "").split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private void measure() throws Exception {
        Map<Peer.Kind, ChildJvm> processes = new EnumMap<>(Peer.Kind.class);
        try (ChildJvm server = new ChildJvm("server", SERVER_OPTIONS, StreamServer.class)) {
            String port = server.hear("", START_LIMIT);
            for (Peer.Kind client : clients) {
                processes.put(
                        client,
                        new ChildJvm(
                                client.id(),
                                List.of(),
                                ClientProcess.class,
                                client.id(),
                                port,
                                Integer.toString(MOST_STREAMS)));
            }
            faults(processes);
            for (Peer.Kind client : clients) {
                warmUp(client, processes.get(client));
            }
            for (int round = 1; round <= rounds; round++) {
                for (String workload : workloads) {
                    // each begins a round once, so that none always follows the same neighbour's heat
                    List<Peer.Kind> turn = new ArrayList<>(clients);
                    Collections.rotate(turn, -round);
                    for (Peer.Kind client : turn) {
                        ChildJvm process = processes.get(client);
                        if (process != null && !round(round, workload, client, process)) {
                            // a client that hangs hangs for good, and the others shall not lose their figures
                            processes.remove(client);
                            process.close();
                        }
                    }
                }
            }
        } finally {
            for (ChildJvm process : processes.values()) {
                process.close();
            }
        }
        Files.createDirectories(DIRECTORY);
        var report = new Report(results, clients, rounds, seconds);
        Files.writeString(DIRECTORY.resolve("llm.md"), report.markdown());
        Files.write(DIRECTORY.resolve("llm.json"), report.json());
        System.out.println(report.markdown());
    }

    /** Costs no time to speak of, so all clients wait at once. */
    private void faults(Map<Peer.Kind, ChildJvm> processes) throws InterruptedException {
        if (!workloads.contains("faults")) {
            return;
        }
        // the first call of a client loads its classes
        processes.values().forEach(process -> process.tell("fault unary"));
        for (ChildJvm process : processes.values()) {
            var _ = process.hear(ClientProcess.RESULT, WORKLOAD_LIMIT);
        }
        for (String fault : FAULTS) {
            processes.values().forEach(process -> process.tell("fault " + fault));
            for (var process : processes.entrySet()) {
                results.add(process.getKey(), "fault-" + fault, result(process.getValue()));
            }
        }
    }

    private static void warmUp(Peer.Kind client, ChildJvm process) throws InterruptedException {
        System.out.println("warm-up " + client.id());
        for (String command : List.of(
                "drip " + WARM_UP_STREAMS + " " + WARM_UP_SECONDS,
                "flood 50 " + WARM_UP_SECONDS / 2,
                "unary " + UNARY_CALLS)) {
            process.tell(command);
            var _ = process.hear(ClientProcess.RESULT, WORKLOAD_LIMIT);
        }
    }

    private boolean round(int round, String workload, Peer.Kind client, ChildJvm process) throws InterruptedException {
        String[] parts = workload.split("-", -1);
        switch (parts[0]) {
            case "drip" -> process.tell("drip " + parts[1] + " " + seconds);
            case "flood" -> process.tell("flood " + parts[1] + " " + Math.max(1, seconds / 2));
            case "unary" -> process.tell("unary " + UNARY_CALLS);
            case "faults" -> {
                return true; // once for all rounds: they are no matter of speed
            }
            default -> throw new IllegalArgumentException("there is no workload named '" + workload + "'");
        }
        JsonNode result;
        try {
            result = result(process);
        } catch (IllegalStateException hangs) {
            result = Json.object().put("error", hangs.getMessage());
        }
        System.out.printf("%d %-10s %-15s %s%n", round, workload, client.id(), result);
        results.add(client, workload, result);
        return result.path("error").isMissingNode();
    }

    private static JsonNode result(ChildJvm process) throws InterruptedException {
        return Json.tree(process.hear(ClientProcess.RESULT, WORKLOAD_LIMIT));
    }
}
