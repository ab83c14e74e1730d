package dev.noesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Commands of the machine, each for at most ten seconds. */
final class Commands {
    private Commands() {}

    /** Whether there is such a command and it ends with 0. */
    static boolean succeeds(Object... words) {
        try {
            run(words);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** @throws IllegalStateException that says what it said, if it fails */
    static void run(Object... words) {
        List<String> command = Arrays.stream(words).map(Object::toString).toList();
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
            }
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
