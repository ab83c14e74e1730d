package dev.noesis.config;

/**
 * A model that a lane may ask: its own, or one of its fallbacks.
 *
 * @param name {@link #PRIMARY}, or the fallback's
 * @param llm of its client; a fallback's {@code maxTokens} only lowers what a request asks for
 */
public record LlmTarget(String name, LlmConfig llm) {
    /** The lane's own. */
    public static final String PRIMARY = "primary";

    public boolean isPrimary() {
        return name.equals(PRIMARY);
    }

    /** What the keys that describe it begin with. */
    public String keys() {
        return isPrimary() ? Keys.LLM : Keys.fallback(name, "");
    }
}
