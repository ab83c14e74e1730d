package dev.noesis.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the records of checks. */
final class CheckAssembler {
    private final ConfigAssembler values;

    CheckAssembler(ConfigAssembler values) {
        this.values = values;
    }

    /** Without those that cannot be made, of which a problem is noted. */
    List<CheckConfig> assemble(List<String> names) {
        var checks = new ArrayList<CheckConfig>();
        for (String name : names) {
            Duration every = values.millisOrNull(Keys.check(name, Keys.EVERY));
            Duration timeout = values.millisOrNull(Keys.check(name, Keys.TIMEOUT));
            if (CheckConfig.KNOWN.contains(name)) {
                checks.add(new CheckConfig.BuiltIn(name, every, timeout));
            } else if (!CheckConfig.isHttp(name)) {
                checks.add(new CheckConfig.OfClass(name, every, timeout));
            } else if (values.textOrNull(Keys.check(name, Keys.URL)) == null) {
                values.problem(unknown(name));
            } else {
                checks.add(http(name, every, timeout));
            }
        }
        return checks;
    }

    private static String unknown(String name) {
        return Keys.check(name, Keys.URL) + " must be set: " + Keys.CHECKS + " names " + name
                + ", which is no built-in check"
                + NearestName.of(name, CheckConfig.KNOWN)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }

    private CheckConfig http(String name, @Nullable Duration every, @Nullable Duration timeout) {
        return new CheckConfig.Http(
                name,
                every,
                timeout,
                values.text(Keys.check(name, Keys.URL)),
                header(Keys.check(name, Keys.HEADER)),
                values.text(Keys.check(name, Keys.ITEMS)),
                values.text(Keys.check(name, Keys.ID)),
                values.text(Keys.check(name, Keys.SUMMARY)),
                values.textOrNull(Keys.check(name, Keys.SOURCE)),
                values.text(Keys.check(name, Keys.URGENCY)),
                values.text(Keys.check(name, Keys.NEEDS_ACTION)));
    }

    private CheckConfig.@Nullable Header header(String key) {
        String line = values.passwordOrNull(key);
        if (line == null) {
            return null;
        }
        int colon = line.indexOf(':');
        if (colon < 1) {
            values.problem(key + " " + values.where(key) + " is not 'Name: value'");
            return null;
        }
        Secret value = values.secret(key, line.substring(colon + 1).strip());
        try {
            return value == null
                    ? null
                    : new CheckConfig.Header(line.substring(0, colon).strip(), value);
        } catch (IllegalArgumentException e) {
            values.problem(key + " " + values.where(key) + " " + e.getMessage());
            return null;
        }
    }
}
