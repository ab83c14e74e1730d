package dev.noesis.config;

import dev.noesis.config.ConfigSources.Setting;
import java.util.List;
import java.util.Map;

/** Which checks are named, by settings as they were given: before it is known which keys there are. */
final class NamedChecks {
    static final List<String> DEFAULT = List.of(CheckConfig.SIGNALS, CheckConfig.FAILURES);

    private NamedChecks() {}

    /** In their order; none of a list that is not legal, which is told elsewhere. */
    static List<String> of(Map<String, Setting> settings) {
        Setting list = settings.get(Keys.CHECKS);
        if (list == null) {
            return DEFAULT;
        }
        return Legal.CHECKS.test().test(list.value()) ? Legal.split(list.value()) : List.of();
    }

    /** Whether one of them is. */
    static boolean areDescribedBy(String key, Map<String, Setting> settings) {
        return of(settings).stream().anyMatch(name -> key.startsWith(Keys.check(name, "")));
    }
}
