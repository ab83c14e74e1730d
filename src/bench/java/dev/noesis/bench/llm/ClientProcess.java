package dev.noesis.bench.llm;

import dev.noesis.serde.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/**
 * The process of one client: reads a workload a line from standard input, runs it, and prints what it measured as a line of
 * JSON. Ends with its standard input.
 */
final class ClientProcess {
    /** Before a line that is a result; all else on standard output is a client's own talk. */
    static final String RESULT = "result ";

    /** The client's limit for a silent server. */
    static final Duration SILENCE = Duration.ofSeconds(2);

    /** A drip is silent for 25 ms at most, but these run on a busy machine. */
    private static final Duration LOAD_SILENCE = Duration.ofSeconds(30);

    private ClientProcess() {}

    /** Arguments: the client's name, the server's port, most streams at a time. */
    public static void main(String[] args) throws Exception {
        Peer.Kind kind = Peer.Kind.of(args[0]);
        URI server = URI.create("http://127.0.0.1:" + args[1]);
        int streams = Integer.parseInt(args[2]);
        try (Peer loaded = kind.open(new Peer.Settings(server, streams, LOAD_SILENCE));
                Peer faulted = kind.open(new Peer.Settings(server, 16, SILENCE));
                var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var load = new Load(loaded, new ServerFigures(server));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] command = line.split(" ", -1);
                ObjectNode result = Json.object();
                try {
                    switch (command[0]) {
                        case "drip" -> load.drip(Integer.parseInt(command[1]), seconds(command[2]), result);
                        case "flood" -> load.flood(Integer.parseInt(command[1]), seconds(command[2]), result);
                        case "unary" -> load.unary(Integer.parseInt(command[1]), result);
                        case "fault" -> FaultCall.make(faulted, command[1], result);
                        default -> throw new IllegalArgumentException("no workload named " + line);
                    }
                } catch (Exception e) {
                    result.put("error", Failures.name(e) + ": " + e.getMessage());
                    e.printStackTrace();
                }
                System.out.println(RESULT + Json.mapper().writeValueAsString(result));
            }
        }
        System.exit(0);
    }

    private static Duration seconds(String number) {
        return Duration.ofSeconds(Long.parseLong(number));
    }
}
