package dev.noesis.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A check of the heartbeat lane, as {@code heartbeat.checks} names it and {@code heartbeat.check.<name>.…} describes it. */
public sealed interface CheckConfig {
    /** Raises the signals that wait. It is the lane's own. */
    String SIGNALS = "signals";

    /** Looks after runs that failed. */
    String FAILURES = "failures";

    /** Looks after what has gathered in an agent's memory. */
    String HEALTH = "health";

    /** Looks after what an agent has to do. */
    String SELF = "self";

    /** What is built in. */
    List<String> KNOWN = List.of(SIGNALS, FAILURES, HEALTH, SELF);

    /** What an HTTP check's URL has the agent's id in the place of. */
    String AGENT = "{agent}";

    /** As {@code heartbeat.checks} names it. */
    String name();

    /** How often it looks after an agent, at most; null for what the check itself says. */
    @Nullable
    Duration every();

    /** How long one look may take; null for what the check itself says. */
    @Nullable
    Duration timeout();

    /** The key that names all checks, for a message. */
    static String namedIn() {
        return Keys.CHECKS;
    }

    /** Whether a check of that name gets what it looks at by HTTP. */
    static boolean isHttp(String name) {
        return !KNOWN.contains(name) && name.indexOf('.') < 0;
    }

    /** One of {@link #KNOWN}. */
    record BuiltIn(
            String name, @Nullable Duration every, @Nullable Duration timeout) implements CheckConfig {
        public BuiltIn {
            check(name, every, timeout);
        }
    }

    /** @param name of a class, with its package; whether there is one, its user finds out */
    record OfClass(
            String name, @Nullable Duration every, @Nullable Duration timeout) implements CheckConfig {
        public OfClass {
            check(name, every, timeout);
        }
    }

    /**
     * Gets JSON and finds each item of an array in it.
     *
     * @param url with {@link #AGENT} where the agent's id belongs; may hold a secret, and is not shown
     * @param header null for none
     * @param items pointer to the array; the empty one is the answer itself
     * @param id pointer in an item
     * @param summary pointer in an item
     * @param source pointer in an item; null for the check's name
     * @param urgency pointer in an item, or a word
     * @param needsAction pointer in an item, or true or false
     */
    record Http(
            String name,
            @Nullable Duration every,
            @Nullable Duration timeout,
            String url,
            @Nullable Header header,
            String items,
            String id,
            String summary,
            @Nullable String source,
            String urgency,
            String needsAction)
            implements CheckConfig {
        /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
        public Http {
            check(name, every, timeout);
            Legal.CHECK_URL.check(Keys.check(name, Keys.URL), url);
            Legal.POINTER_TO.check(Keys.check(name, Keys.ITEMS), items);
            Legal.POINTER_TO.check(Keys.check(name, Keys.ID), id);
            Legal.POINTER_TO.check(Keys.check(name, Keys.SUMMARY), summary);
            if (source != null) {
                Legal.POINTER_TO.check(Keys.check(name, Keys.SOURCE), source);
            }
            Legal.URGENCY.check(Keys.check(name, Keys.URGENCY), urgency);
            Legal.NEEDS_ACTION.check(Keys.check(name, Keys.NEEDS_ACTION), needsAction);
        }

        @Override
        public String toString() {
            return "Http[name=" + name + "]";
        }
    }

    /** A header of requests. */
    record Header(String name, Secret value) {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

        /** Those that say how a message is framed, or that the check sets itself. */
        private static final Set<String> RESERVED = Set.of(
                "accept",
                "accept-encoding",
                "connection",
                "content-length",
                "expect",
                "host",
                "te",
                "transfer-encoding",
                "upgrade");

        /** @throws IllegalArgumentException if it cannot be sent; the message does not show the value */
        public Header {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("has a name that no header can have");
            }
            if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("must not set " + name + ", which is the check's own");
            }
            if (!value.reveal().chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
                throw new IllegalArgumentException("has characters that cannot stand in a header");
            }
        }
    }

    private static void check(String name, @Nullable Duration every, @Nullable Duration timeout) {
        if (every != null) {
            HeartbeatConfig.CHECK_EVERY.check(Keys.check(name, Keys.EVERY), every);
        }
        if (timeout != null) {
            HeartbeatConfig.CHECK_TIMEOUT.check(Keys.check(name, Keys.TIMEOUT), timeout);
        }
    }
}
