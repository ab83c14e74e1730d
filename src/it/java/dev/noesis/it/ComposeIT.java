package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The compose file, as Docker's own tool reads it. Skipped where that is not there. */
@Timeout(60)
class ComposeIT {
    private record Ended(int code, String said) {}

    @Test
    void dockersToolTakesTheComposeFileAndFindsEveryService() throws Exception {
        List<String> compose = tool();
        assumeTrue(!compose.isEmpty(), "there is neither docker compose nor docker-compose");

        Ended config = run(compose, "-f", "deploy/compose.yaml", "config", "--services");

        assertThat(config.code()).as(config.said()).isZero();
        assertThat(config.said().lines()).contains("broker", "model", "topics", "chat", "heartbeat");
    }

    private static List<String> tool() throws InterruptedException {
        for (List<String> tool : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            if (tryRun(tool, "version").filter(ended -> ended.code() == 0).isPresent()) {
                return tool;
            }
        }
        return List.of();
    }

    /** Empty where there is no such program. */
    private static Optional<Ended> tryRun(List<String> tool, String... arguments) throws InterruptedException {
        try {
            return Optional.of(run(tool, arguments));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Ended run(List<String> tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(tool);
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), said);
    }
}
