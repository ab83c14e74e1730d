package dev.noesis.config;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The texts a key may have: a test, and the words that tell a reader what passes it.
 *
 * @param words completes the sentence "the value must be …"
 * @param test is never asked about null, which stands for a key that is not set
 */
record Legal(String words, Predicate<String> test) implements ConfigDef.Validator {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern SERVER = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(?::[0-9]{1,5})");
    private static final Pattern PATH_CHARACTERS = Pattern.compile("/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*");
    private static final Pattern POINTER = Pattern.compile("(?:/(?:[^/~]|~[01])*)*");
    private static final Pattern VERSION = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    /** Of a fallback or a check. No other characters: names stand in environment variables. */
    private static final Pattern SHORT_NAME = Pattern.compile("[a-z][a-z0-9]{0,31}");

    /** With its package. */
    private static final Pattern CLASS = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(?:\\.[A-Za-z_$][A-Za-z0-9_$]*)+");

    /** A part of topic names, application ids and client ids. */
    static final Legal NAME_PART = new Legal(
            "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
            v -> NAME.matcher(v).matches());

    static final Legal NAME_PART_OR_NOTHING =
            new Legal("nothing, or " + NAME_PART.words, v -> v.isEmpty() || NAME_PART.test.test(v));

    static final Legal SERVERS = new Legal(
            "host:port, one or more, with commas between",
            v -> !v.isBlank()
                    && List.of(v.split(",", -1)).stream()
                            .allMatch(s -> SERVER.matcher(s.strip()).matches()));

    static final Legal SERVER_ADDRESS =
            new Legal("host:port", v -> SERVER.matcher(v).matches());

    static final Legal PROXY_USER =
            new Legal("any text but none, without a colon", v -> !v.isBlank() && v.indexOf(':') < 0);

    static final Legal BASE_URL = new Legal("an http or https URL without user, query or fragment", Legal::isBaseUrl);

    static final Legal API_VERSION =
            new Legal("a date such as 2023-06-01", v -> VERSION.matcher(v).matches());

    /** A part of a URL behind its host. */
    static final Legal PATH = new Legal(
            "a path that begins with a slash, without query or fragment",
            v -> PATH_CHARACTERS.matcher(v).matches());

    /** A value of a header that is a list. */
    static final Legal TOKEN = new Legal(
            "names of letters, digits, '.', '_' or '-'", v -> NAME.matcher(v).matches());

    static final Legal FALLBACKS = new Legal(
            "nothing, or names with commas between: 1 to 32 lower-case letters and digits, the first a letter, each once, and"
                    + " none of them `" + LlmTarget.PRIMARY + "`",
            Legal::areFallbacks);

    static final Legal CHECKS = new Legal(
            "nothing, or with commas between, each once: " + String.join(", ", CheckConfig.KNOWN)
                    + ", names of 1 to 32 lower-case letters and digits, the first a letter, and classes with their package",
            Legal::areChecks);

    /** What is put in the place of {@code {agent}} is a part of neither host nor port. */
    static final Legal CHECK_URL = new Legal(
            "an http or https URL without user or fragment, with `{agent}` behind its host only", Legal::isCheckUrl);

    static final Legal POINTER_TO =
            new Legal("a JSON pointer (RFC 6901)", v -> POINTER.matcher(v).matches());

    static final Legal URGENCY = new Legal(
            "low, normal, high or a JSON pointer",
            v -> isPointer(v) || List.of("low", "normal", "high").contains(v));

    static final Legal NEEDS_ACTION = new Legal(
            "true, false or a JSON pointer",
            v -> isPointer(v) || List.of("true", "false").contains(v));

    static final Legal TEMPERATURE = decimal(0, 2);

    static final Legal SHARE = decimal(0, 1);

    static final Legal NOT_BLANK = new Legal("any text but none", v -> !v.isBlank());

    static final Legal FILE = new Legal("the path of a readable file", v -> !v.isBlank());

    static final Legal DIRECTORY =
            new Legal("the path of a directory, which is made where it is missing", v -> !v.isBlank());

    private static Legal decimal(int min, int max) {
        return new Legal("a number from " + min + " to " + max, v -> {
            try {
                double number = Double.parseDouble(v);
                return number >= min && number <= max;
            } catch (NumberFormatException e) {
                return false;
            }
        });
    }

    private static boolean areFallbacks(String list) {
        List<String> names = split(list);
        return names.stream().allMatch(name -> SHORT_NAME.matcher(name).matches() && !name.equals(LlmTarget.PRIMARY))
                && Set.copyOf(names).size() == names.size();
    }

    private static boolean areChecks(String list) {
        List<String> names = split(list);
        return names.stream()
                        .allMatch(name -> SHORT_NAME.matcher(name).matches()
                                || CLASS.matcher(name).matches())
                && Set.copyOf(names).size() == names.size();
    }

    private static boolean isPointer(String value) {
        return value.startsWith("/") && POINTER.matcher(value).matches();
    }

    private static boolean isCheckUrl(String value) {
        try {
            var url = URI.create(value.replace(CheckConfig.AGENT, "a"));
            var other = URI.create(value.replace(CheckConfig.AGENT, "b"));
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            return http
                    && url.getHost() != null
                    && url.getRawAuthority().equals(other.getRawAuthority())
                    && url.getUserInfo() == null
                    && url.getFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static Legal oneOf(List<String> values) {
        return new Legal(String.join(" or ", values), values::contains);
    }

    /** A list of one or more of these, with commas between. */
    static Legal someOf(List<String> values) {
        return new Legal(
                "one or more of " + String.join(", ", values),
                v -> !v.isBlank() && Set.copyOf(values).containsAll(split(v)));
    }

    /** The parts of a list with commas between, without blanks around them. */
    static List<String> split(String value) {
        return value.isBlank()
                ? List.of()
                : List.of(value.split(",", -1)).stream().map(String::strip).toList();
    }

    /** @throws IllegalArgumentException that names the key and what is legal, and not the value: it may hold a secret */
    void check(String key, String value) {
        if (!test.test(value)) {
            throw new IllegalArgumentException(key + " must be " + words);
        }
    }

    @Override
    public void ensureValid(String key, @Nullable Object value) {
        if (value instanceof String text && !test.test(text)) {
            throw new ConfigException(key, "[not shown]", "must be " + words);
        }
    }

    @Override
    public String toString() {
        return words;
    }

    private static boolean isBaseUrl(String value) {
        try {
            var url = URI.create(value);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            return http
                    && url.getHost() != null
                    && url.getUserInfo() == null
                    && url.getQuery() == null
                    && url.getFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
