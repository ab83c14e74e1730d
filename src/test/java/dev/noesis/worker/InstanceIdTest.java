package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceIdTest {
    @TempDir
    private Path dir;

    @Test
    void aNameIsMadeOnceAndKept() throws IOException {
        String first = nameOf(dir, null);

        assertThat(first).isNotBlank();
        assertThat(nameOf(dir, null)).isEqualTo(first);
    }

    @Test
    void eachDirectoryHasItsOwn() throws IOException {
        assertThat(nameOf(dir.resolve("a"), null)).isNotEqualTo(nameOf(dir.resolve("b"), null));
    }

    @Test
    void aConfiguredNameIsUsedAndNotKept() throws IOException {
        assertThat(nameOf(dir, "pod-3")).isEqualTo("pod-3");
        assertThat(nameOf(dir, null)).isNotEqualTo("pod-3");
    }

    @Test
    void aSecondWorkerOnADirectoryIsRefusedUntilTheFirstHasGone() throws IOException {
        try (var _ = InstanceId.lock(dir, null)) {
            assertThatThrownBy(() -> InstanceId.lock(dir, "another"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage("state.dir: another worker runs on " + dir.toAbsolutePath()
                            + "; give each worker a directory of its own");
        }
        try (var again = InstanceId.lock(dir, "another")) {
            assertThat(again.id()).isEqualTo("another");
        }
    }

    @Test
    void aFileWithoutANameGetsOne() throws IOException {
        Files.writeString(dir.resolve("instance.id"), " \n");

        String made = nameOf(dir, null);

        assertThat(made).isNotBlank();
        assertThat(nameOf(dir, null)).isEqualTo(made);
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));

        assertThatThrownBy(() -> InstanceId.lock(file.resolve("state"), null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("state.dir: " + file.resolve("state").toAbsolutePath() + " cannot be used: ");
    }

    private static String nameOf(Path dir, @Nullable String configured) throws IOException {
        try (InstanceId instance = InstanceId.lock(dir, configured)) {
            return instance.id();
        }
    }
}
