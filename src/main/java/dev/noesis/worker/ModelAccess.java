package dev.noesis.worker;

import dev.noesis.config.ConfigurationException;
import dev.noesis.config.HeartbeatConfig.Isolation;
import dev.noesis.config.LlmConfig;
import dev.noesis.config.LlmTarget;
import dev.noesis.config.NoesisConfig;
import dev.noesis.model.Lane;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether the model clients have what their provider is known to ask for. */
final class ModelAccess {
    /** Take no call without a key, which is known before the first. Other servers may or may not want one. */
    private static final Set<String> WANT_A_KEY = Set.of("api.anthropic.com", "api.openai.com");

    private ModelAccess() {}

    /** @throws ConfigurationException that names the key and the environment variables, if a lane's client has no API key */
    static void require(NoesisConfig config) {
        List<String> problems = config.lanes().stream()
                .sorted()
                .filter(lane -> lane == Lane.CHAT || config.beat().isolation() != Isolation.SHARED)
                .flatMap(lane -> config.lane(lane).targets().stream())
                .filter(target -> isKeyMissing(target.llm()))
                .map(ModelAccess::problem)
                .distinct()
                .toList();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private static String problem(LlmTarget target) {
        String keys = target.keys();
        LlmConfig llm = target.llm();
        // a fallback at an address of its own is not given the provider's variable
        String providers =
                target.isPrimary() ? " or " + llm.request().provider().keyVariable() : "";
        return keys + "api.key is not set, and " + llm.baseUrl()
                + " takes no call without one; set the environment variable NOESIS_"
                + keys.replace('.', '_').toUpperCase(Locale.ROOT) + "API_KEY" + providers + ", or name a file with "
                + keys + "api.key.file";
    }

    private static boolean isKeyMissing(LlmConfig llm) {
        return llm.apiKey() == null
                && WANT_A_KEY.contains(llm.baseUrl().getHost().toLowerCase(Locale.ROOT));
    }
}
