package dev.noesis.worker;

import dev.noesis.config.ConfigurationException;
import dev.noesis.config.HeartbeatConfig.Isolation;
import dev.noesis.config.LlmConfig;
import dev.noesis.config.NoesisConfig;
import dev.noesis.model.Lane;
import java.util.List;

/** Whether the model clients have what their provider is known to ask for. */
final class ModelAccess {
    /** Takes no call without a key, which is known before the first. Other servers may or may not want one. */
    private static final String WANTS_A_KEY = "api.anthropic.com";

    private ModelAccess() {}

    /** @throws ConfigurationException that names the key and the environment variables, if a lane's client has no API key */
    static void require(NoesisConfig config) {
        List<String> problems = config.lanes().stream()
                .sorted()
                .filter(lane -> lane == Lane.CHAT || config.beat().isolation() != Isolation.SHARED)
                .filter(lane -> isKeyMissing(config.lane(lane).llm()))
                .map(lane -> config.lane(lane).llm().baseUrl())
                .distinct()
                .map(url -> "llm.api.key is not set, and " + url
                        + " takes no call without one; set the environment variable NOESIS_LLM_API_KEY or"
                        + " ANTHROPIC_API_KEY, or name a file with llm.api.key.file")
                .toList();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private static boolean isKeyMissing(LlmConfig llm) {
        return llm.apiKey() == null
                && WANTS_A_KEY.equalsIgnoreCase(llm.baseUrl().getHost());
    }
}
