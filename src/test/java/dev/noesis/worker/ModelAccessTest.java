package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigurationException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelAccessTest {

    @Test
    void withoutAKeyTheDefaultProviderIsRefusedAtTheStart() {
        assertThatThrownBy(() -> Worker.start(ConfigLoader.load(Map.of())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("llm.api.key is not set, and https://api.anthropic.com takes no call without one; set the"
                        + " environment variable NOESIS_LLM_API_KEY or ANTHROPIC_API_KEY, or name a file with"
                        + " llm.api.key.file");
    }

    @Test
    void aServerOfOnesOwnMayWantNone() {
        assertThatCode(() -> require("llm.base.url", "http://localhost:8089")).doesNotThrowAnyException();
    }

    @Test
    void aKeyIsEnough() {
        assertThatCode(() -> require("llm.api.key", "k")).doesNotThrowAnyException();
    }

    @Test
    void eachLaneThatRunsNeedsItsOwn() {
        assertThatThrownBy(() -> require("chat.llm.base.url", "http://localhost:8089"))
                .isInstanceOf(ConfigurationException.class);
        assertThatCode(() -> require("chat.llm.base.url", "http://localhost:8089", "lanes", "chat"))
                .doesNotThrowAnyException();
    }

    @Test
    void soDoesEachFallback() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "llm.api.key", "k",
                "llm.fallbacks", "spare",
                "llm.fallback.spare.provider", "openai",
                "llm.fallback.spare.model", "m"));

        assertThatThrownBy(() -> ModelAccess.require(ConfigLoader.load(settings)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "llm.fallback.spare.api.key is not set, and https://api.openai.com takes no call without one;"
                                + " set the environment variable NOESIS_LLM_FALLBACK_SPARE_API_KEY, or name a file with"
                                + " llm.fallback.spare.api.key.file");
        settings.put("llm.fallback.spare.api.key", "k");
        assertThatCode(() -> ModelAccess.require(ConfigLoader.load(settings))).doesNotThrowAnyException();
    }

    @Test
    void aLaneThatBorrowsAClientNeedsNone() {
        assertThatCode(() -> require("chat.llm.base.url", "http://localhost:8089", "heartbeat.llm.isolation", "shared"))
                .doesNotThrowAnyException();
    }

    private static void require(String key, String value) {
        ModelAccess.require(ConfigLoader.load(Map.of(key, value)));
    }

    private static void require(String key, String value, String other, String otherValue) {
        ModelAccess.require(ConfigLoader.load(Map.of(key, value, other, otherValue)));
    }
}
