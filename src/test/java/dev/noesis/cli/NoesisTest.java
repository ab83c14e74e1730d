package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.ConfigReference;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class NoesisTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    static Stream<List<String>> commands() {
        var paths = new ArrayList<List<String>>();
        collect(Noesis.commandLine(), List.of(), paths);
        return paths.stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHelps(List<String> path) {
        assertThat(run(path, "--help")).isZero();
        assertThat(out.toString()).contains(("Usage: noesis " + String.join(" ", path)).strip());
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theVersionNamesWhatItRunsOn() {
        assertThat(run(List.of(), "--version")).isZero();
        assertThat(out.toString()).startsWith("noesis ").contains("Kafka 4.3.1, Java 2");
    }

    @Test
    void aCompletionScriptIsWritten() {
        assertThat(run(List.of("generate-completion"))).isZero();
        assertThat(out.toString()).contains("complete -F _complete_noesis", "--bootstrap-servers");
    }

    @Test
    void theReferenceIsPrinted() {
        assertThat(run(List.of("config"))).isZero();
        assertThat(out.toString()).isEqualTo(ConfigReference.render());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "topics",
                "mind",
                "dance",
                "chat hello",
                "chat --agent",
                "chat --agent a,b hello",
                "signal --agent ada",
                "signal --agent ada --urgency soon text",
                "tick --agent ada --timeout soon",
                "heartbeat",
                "heartbeat schedule --agent ada",
                "heartbeat schedule --agent ada --every often",
                "heartbeat schedule --agent ada --every 30m --remove",
                "heartbeat schedule --agent ada --cron 9",
                "heartbeat schedule --agent ada --every 30m --active always",
                "heartbeat schedule --agent ada --every 30m --timezone Mars",
                "heartbeat schedule --agent ada --every 30m --misfire twice",
                "heartbeat outcomes --agent ada --last -1",
                "heartbeat outcomes --agent ada --last all",
                "heartbeat findings",
                "heartbeat acknowledge --agent ada",
                "heartbeat acknowledge --agent ada --until 7d e366",
                "heartbeat resolve --agent ada backup",
                "heartbeat resolve --agent ada e366e6c741f53d9f0",
                "heartbeat dismiss --agent ada --until tomorrow e366",
                "heartbeat dismiss --agent ada --until 2020-01-01T00:00:00Z e366",
                "heartbeat tune",
                "heartbeat tune --agent ada --every 10m",
                "heartbeat tune --agent ada --pin",
                "heartbeat tune --agent ada disk",
                "heartbeat tune --agent ada Disk --pin",
                "heartbeat tune --agent ada disk --every 10m --reset",
                "heartbeat tune --agent ada disk --every often",
                "heartbeat tune --agent ada disk --every 31d",
                "heartbeat tune --agent ada disk --every PT1.5S",
                "heartbeat tune --agent ada disk --pin --unpin",
                "config --colour"
            })
    void wrongUsageIsOneLineAndExitCode2(String arguments) {
        assertThat(run(arguments.isEmpty() ? List.of() : List.of(arguments.split(" "))))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("noesis")
                .endsWith(" --help");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void everyProblemOfTheConfigurationIsOneLineAndTheExitCode2() {
        assertThat(run(List.of("topics", "check"), "--set", "run.max.steps=0", "--set", "lane=chat"))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        "noesis: run.max.steps (--set) is '0', and must be 1 to 1000",
                        "noesis: lane (--set) is not a key; did you mean lanes?");
    }

    @Test
    void aBrokerAddressThatIsNoneIsAProblemOfTheConfiguration() {
        assertThat(run(List.of("tick", "--agent", "ada"), "--bootstrap-servers", "nowhere"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("noesis: bootstrap.servers (--set) is 'nowhere', and must be host:port");
    }

    @Test
    @Timeout(60)
    void aBrokerThatDoesNotAnswerIsOneLineAndExitCode1() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String servers = "127.0.0.1:" + silent.getLocalPort();

            assertThat(run(List.of("topics", "check"), "--bootstrap-servers", servers, "--broker-timeout", "1"))
                    .isEqualTo(1);
            assertThat(err.toString().lines())
                    .containsExactly("noesis: no broker answered at " + servers
                            + " within 1 s; is one there, and does it speak PLAINTEXT (kafka.security.protocol)?");
        }
    }

    @Test
    void theStackTraceIsShownOnRequest() {
        assertThat(run(List.of("--stacktrace", "topics", "check"), "--set", "lane=chat"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("at dev.noesis.config.ConfigLoader");
    }

    private int run(List<String> path, String... more) {
        var arguments = new ArrayList<>(path);
        arguments.addAll(List.of(more));
        return Noesis.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> paths) {
        paths.add(path);
        command.getSubcommands().forEach((name, sub) -> {
            var longer = new ArrayList<>(path);
            longer.add(name);
            collect(sub, longer, paths);
        });
    }
}
