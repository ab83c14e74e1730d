package dev.noesis.config;

import dev.noesis.model.Lane;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Under which keys one model client is described: its own, and where they say nothing those of another. A lane takes the rest
 * from the keys of both lanes, a fallback from its lane's.
 */
final class ClientKeys {
    /**
     * What makes sense to one provider only, or may not be told another: headers often hold a key. Of the key itself,
     * {@link ConfigAssembler} takes care.
     */
    private static final Set<String> OF_ONE_PROVIDER = Set.of(
            Keys.BASE_URL,
            Keys.PATH,
            Keys.AUTH,
            Keys.HEADERS,
            Keys.MODEL,
            Keys.MODELS,
            Keys.BETA,
            Keys.EFFORT,
            Keys.SERVICE_TIER);

    /** What makes sense to one server and its models only, and the way to it. */
    private static final Set<String> OF_ONE_SERVER = Stream.concat(
                    OF_ONE_PROVIDER.stream(),
                    Stream.of(
                            Keys.MAX_TOKENS,
                            Keys.TRUST_STORE,
                            Keys.TRUST_STORE_PASSWORD,
                            Keys.CLIENT_CERTIFICATE,
                            Keys.CLIENT_KEY,
                            Keys.CLIENT_KEY_PASSWORD,
                            Keys.PROXY,
                            Keys.PROXY_USER,
                            Keys.PROXY_PASSWORD))
            .collect(Collectors.toUnmodifiableSet());

    /** What makes a fallback another model than its lane's. */
    private static final Set<String> OF_ONE_MODEL = Set.of(Keys.MODEL, Keys.MODELS, Keys.MAX_TOKENS);

    private final Map<String, Object> values;
    private final String prefix;
    private final @Nullable ClientKeys base;
    private final boolean elsewhere;
    /** Taken from nobody. */
    private final Set<String> ownOnly;

    private ClientKeys(
            Map<String, Object> values,
            String prefix,
            @Nullable ClientKeys base,
            boolean elsewhere,
            Set<String> ownOnly) {
        this.values = values;
        this.prefix = prefix;
        this.base = base;
        this.elsewhere = elsewhere;
        this.ownOnly = ownOnly;
    }

    /** Of both lanes' clients. */
    static ClientKeys common(Map<String, Object> values) {
        return new ClientKeys(values, Keys.LLM, null, false, Set.of());
    }

    /** Of that lane's client, which takes the rest from these. */
    ClientKeys of(Lane lane) {
        String its = Keys.llm(lane, "");
        boolean other = hasOtherProvider(its);
        return new ClientKeys(values, its, this, other, other ? OF_ONE_PROVIDER : Set.of());
    }

    /** Of a fallback's client, where these are its lane's. */
    ClientKeys ofFallback(String name) {
        String its = Keys.fallback(name, "");
        boolean other = hasOtherProvider(its) || values.containsKey(its + Keys.BASE_URL);
        return new ClientKeys(values, its, this, other, other ? OF_ONE_SERVER : OF_ONE_MODEL);
    }

    private boolean hasOtherProvider(String prefixOfOther) {
        Object provider = values.get(prefixOfOther + Keys.PROVIDER);
        return provider != null && !provider.equals(values.get(key(Keys.PROVIDER)));
    }

    /** The key that says it, of those that are set or have a default; its own where none is. */
    String key(String suffix) {
        return base == null || values.containsKey(own(suffix)) || ownOnly.contains(suffix)
                ? own(suffix)
                : base.key(suffix);
    }

    String own(String suffix) {
        return prefix + suffix;
    }

    /** Whose keys say what its own do not; null where nobody's do. */
    @Nullable
    ClientKeys base() {
        return base;
    }

    /** Whether it takes nothing that is meant for its base's server. */
    boolean isOfAnotherServer() {
        return elsewhere;
    }
}
