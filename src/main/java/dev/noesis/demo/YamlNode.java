package dev.noesis.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;

/**
 * A value of a YAML file that knows where it stands, so that whoever finds it wrong can say so. Each accessor throws a
 * {@link ScriptException} that names the place where the value is not what is asked for.
 */
final class YamlNode {
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m)?");
    private static final Duration LONGEST = Duration.ofHours(1);

    private final String file;
    private final int line;
    private final String path;
    /** A {@code Map<String, YamlNode>}, a {@code List<YamlNode>} or a {@link Scalar}. */
    private final Object value;

    private record Scalar(JsonToken token, String text) {}

    private YamlNode(String file, int line, String path, Object value) {
        this.file = file;
        this.line = line;
        this.path = path;
        this.value = value;
    }

    /** The one document of a file. */
    static YamlNode parse(String yaml, String file) {
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), yaml)) {
            if (parser.nextToken() == null) {
                throw new ScriptException(file + ": the file is empty");
            }
            YamlNode root = read(parser, file, "");
            if (parser.nextToken() != null) {
                throw new ScriptException(at(file, parser.currentTokenLocation().getLineNr(), "")
                        + "a second document begins; there may be one");
            }
            return root;
        } catch (JacksonException e) {
            TokenStreamLocation location = e.getLocation();
            throw new ScriptException(at(file, location == null ? 0 : location.getLineNr(), "") + "not YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        }
    }

    private static YamlNode read(JsonParser parser, String file, String path) {
        int line = parser.currentTokenLocation().getLineNr();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, YamlNode> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int nameLine = parser.currentTokenLocation().getLineNr();
                String child = path.isEmpty() ? name : path + "." + name;
                parser.nextToken();
                YamlNode field = read(parser, file, child);
                if (fields.put(name, new YamlNode(file, nameLine, child, field.value)) != null) {
                    throw new ScriptException(at(file, nameLine, child) + "the key stands here a second time");
                }
            }
            return new YamlNode(file, line, path, fields);
        }
        if (token == JsonToken.START_ARRAY) {
            List<YamlNode> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(read(parser, file, path + "[" + items.size() + "]"));
            }
            return new YamlNode(file, line, path, items);
        }
        String text = parser.getString();
        return new YamlNode(file, line, path, new Scalar(token, text == null ? "" : text));
    }

    boolean isMap() {
        return value instanceof Map;
    }

    boolean isList() {
        return value instanceof List;
    }

    /** Nothing, or {@code true}: a key that is there for its own sake. */
    boolean isBare() {
        return value instanceof Scalar(JsonToken token, String text)
                && (token == JsonToken.VALUE_NULL || token == JsonToken.VALUE_TRUE);
    }

    boolean isWholeNumber() {
        return value instanceof Scalar(JsonToken token, String text) && token == JsonToken.VALUE_NUMBER_INT;
    }

    /** The fields; none but these. */
    Map<String, YamlNode> fields(String... allowed) {
        Map<String, YamlNode> fields = anyFields();
        for (Map.Entry<String, YamlNode> field : fields.entrySet()) {
            if (!Arrays.asList(allowed).contains(field.getKey())) {
                throw field.getValue().wrong("no such key; there are " + String.join(", ", allowed));
            }
        }
        return fields;
    }

    @SuppressWarnings("unchecked")
    private Map<String, YamlNode> anyFields() {
        if (!isMap()) {
            throw wrong("keys with values are expected, not " + shown());
        }
        return (Map<String, YamlNode>) value;
    }

    @SuppressWarnings("unchecked")
    List<YamlNode> items() {
        if (!isList()) {
            throw wrong("a list is expected, not " + shown());
        }
        return (List<YamlNode>) value;
    }

    /** Any scalar but null, as it is written. */
    String text() {
        if (value instanceof Scalar(JsonToken token, String text) && token != JsonToken.VALUE_NULL) {
            return text;
        }
        throw wrong("a text is expected, not " + shown());
    }

    String oneOf(String... allowed) {
        String text = text();
        if (!Arrays.asList(allowed).contains(text)) {
            throw wrong("one of " + String.join(", ", allowed) + " is expected, not '" + text + "'");
        }
        return text;
    }

    int wholeNumber(int from, int to) {
        try {
            if (isWholeNumber()) {
                int number = Integer.parseInt(text().replace("_", ""));
                if (number >= from && number <= to) {
                    return number;
                }
            }
        } catch (NumberFormatException e) {
            // falls through: too large is out of range like others
        }
        throw wrong("a whole number from " + from + " to " + to + " is expected, not " + shown());
    }

    /** A number from 0. */
    double number() {
        if (value instanceof Scalar(JsonToken token, String text)
                && (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT)) {
            double number = Double.parseDouble(text.replace("_", ""));
            if (number >= 0 && number <= Integer.MAX_VALUE) {
                return number;
            }
        }
        throw wrong("a number of at least 0 is expected, not " + shown());
    }

    boolean truth() {
        if (value instanceof Scalar(JsonToken token, String text) && token.isBoolean()) {
            return token == JsonToken.VALUE_TRUE;
        }
        throw wrong("true or false is expected, not " + shown());
    }

    /** {@code 250ms}, {@code 2s}, {@code 1.5s}, {@code 1m}; a number alone counts milliseconds. */
    Duration duration() {
        if (value instanceof Scalar(JsonToken token, String text)) {
            Matcher matcher = DURATION.matcher(text.strip());
            if (matcher.matches()) {
                double unit = switch (String.valueOf(matcher.group(2))) {
                    case "s" -> 1e9;
                    case "m" -> 60e9;
                    default -> 1e6;
                };
                double nanos = Double.parseDouble(matcher.group(1)) * unit;
                if (nanos <= LONGEST.toNanos()) {
                    return Duration.ofNanos((long) nanos);
                }
            }
        }
        throw wrong("a duration such as 250ms or 2s is expected, at most 1 h, not " + shown());
    }

    Pattern regex() {
        try {
            return Pattern.compile(text());
        } catch (PatternSyntaxException e) {
            throw wrong("not a regular expression: " + e.getDescription() + " in '" + e.getPattern() + "'");
        }
    }

    /** A map as a JSON object. */
    ObjectNode object() {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        anyFields().forEach((name, field) -> object.set(name, field.json()));
        return object;
    }

    private JsonNode json() {
        if (isMap()) {
            return object();
        }
        JsonMapper mapper = JsonMapper.shared();
        if (isList()) {
            ArrayNode array = mapper.createArrayNode();
            items().forEach(item -> array.add(item.json()));
            return array;
        }
        Scalar scalar = (Scalar) value;
        return scalar.token() == JsonToken.VALUE_STRING
                ? mapper.getNodeFactory().stringNode(scalar.text())
                : mapper.readTree(
                        scalar.token() == JsonToken.VALUE_NULL
                                ? "null"
                                : scalar.text().replace("_", ""));
    }

    /** The exception for this place. */
    ScriptException wrong(String why) {
        return new ScriptException(at(file, line, path) + why);
    }

    private String shown() {
        if (value instanceof Scalar(JsonToken token, String text)) {
            return token == JsonToken.VALUE_NULL ? "nothing" : "'" + text + "'";
        }
        return isMap() ? "keys with values" : "a list";
    }

    private static String at(String file, int line, String path) {
        return file + (line > 0 ? ":" + line : "") + ": " + (path.isEmpty() ? "" : path + ": ");
    }
}
