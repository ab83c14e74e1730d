package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {
    private static final Path PAGE = Path.of("src/site/markdown/configuration.md");

    @Test
    void theCheckedInPageIsWhatTheTableSays() throws IOException {
        assertThat(Files.readString(PAGE))
                .as("run `noesis config > %s` after a change of the keys", PAGE)
                .isEqualTo(ConfigReference.render());
    }

    @Test
    void everyKeyHasItsSentenceAndMapsToOneVariable() {
        var keys = ConfigTable.create().configKeys();

        assertThat(keys.values())
                .allSatisfy(key -> assertThat(key.documentation).endsWith("."));
        assertThat(keys.keySet()).allSatisfy(key -> assertThat(key).matches("[a-z]+(\\.[a-z]+)*"));
        assertThat(keys.keySet().stream().map(ConfigSources::variableOf)).doesNotHaveDuplicates();
    }

    @Test
    void everyKeyStandsInThePageOnce() {
        String page = ConfigReference.render();

        assertThat(ConfigTable.create().names())
                .filteredOn(key -> !key.startsWith("chat.llm.") && !key.startsWith("heartbeat.llm."))
                .allSatisfy(key -> assertThat(page).containsOnlyOnce("\n| `" + key + "` |"));
        assertThat(page).containsOnlyOnce("\n| `heartbeat.llm.isolation` |").doesNotContain("\n| `chat.llm.");
    }
}
