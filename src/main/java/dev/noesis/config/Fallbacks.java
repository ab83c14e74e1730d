package dev.noesis.config;

import dev.noesis.config.ConfigSources.Setting;
import dev.noesis.model.Lane;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which fallbacks are named, by settings as they were given: before it is known which keys there are. */
final class Fallbacks {
    private Fallbacks() {}

    /** All, whichever lane has them; none of a list that is not legal, which is told elsewhere. */
    static Set<String> named(Map<String, Setting> settings) {
        Set<String> names = new TreeSet<>(names(settings.get(Keys.llm(Keys.FALLBACKS))));
        for (Lane lane : Lane.values()) {
            names.addAll(of(lane, settings));
        }
        return names;
    }

    /** Those of that lane, in their order. */
    static List<String> of(Lane lane, Map<String, Setting> settings) {
        Setting own = settings.get(Keys.llm(lane, Keys.FALLBACKS));
        return names(own == null ? settings.get(Keys.llm(Keys.FALLBACKS)) : own);
    }

    static boolean isOfOneNamed(String key, Map<String, Setting> settings) {
        return named(settings).stream().anyMatch(name -> key.startsWith(Keys.fallback(name, "")));
    }

    private static List<String> names(@Nullable Setting list) {
        return list != null && Legal.FALLBACKS.test().test(list.value()) ? Legal.split(list.value()) : List.of();
    }
}
