package dev.noesis.llm;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.RequestConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** What requests say beside the conversation, as it would be configured. */
public final class Requests {
    private Requests() {}

    public static RequestConfig anthropic(String... keysAndValues) {
        return load("anthropic", keysAndValues);
    }

    public static RequestConfig openai(String... keysAndValues) {
        return load("openai", keysAndValues);
    }

    private static RequestConfig load(String provider, String... keysAndValues) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("llm.provider", provider);
        settings.put("llm.model", "model-a");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put("llm." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return ConfigLoader.load(settings).chat().llm().request();
    }
}
