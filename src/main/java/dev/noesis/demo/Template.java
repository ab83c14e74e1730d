package dev.noesis.demo;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A text with places to fill: {@code $0} to {@code $9}, {@code ${text}}, {@code ${toolResult}}, {@code $$}. */
record Template(String text) {
    private static final Pattern PLACE = Pattern.compile("\\$(?:(\\d)|\\{(text|toolResult)\\}|(\\$))");

    /**
     * What the places are filled with.
     *
     * @param match null in a template without places
     */
    record Values(@Nullable MatchResult match, String userText, String toolResult) {
        static final Values NONE = new Values(null, "", "");
    }

    boolean isConstant() {
        return !PLACE.matcher(text).find();
    }

    /** The highest group asked for; −1 for none. */
    int highestGroup() {
        int highest = -1;
        Matcher place = PLACE.matcher(text);
        while (place.find()) {
            if (place.group(1) != null) {
                highest = Math.max(highest, Integer.parseInt(place.group(1)));
            }
        }
        return highest;
    }

    String fill(Values values) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(value(place, values)));
    }

    private static String value(MatchResult place, Values values) {
        if (place.group(1) != null) {
            int group = Integer.parseInt(place.group(1));
            MatchResult match = values.match();
            String matched = match == null ? null : match.group(group);
            return matched == null ? "" : matched;
        }
        if (place.group(3) != null) {
            return "$";
        }
        return "text".equals(place.group(2)) ? values.userText() : values.toolResult();
    }

    /** The same object with each of its texts filled. */
    static ObjectNode fill(ObjectNode object, Values values) {
        ObjectNode filled = JsonMapper.shared().createObjectNode();
        object.properties().forEach(field -> filled.set(field.getKey(), fill(field.getValue(), values)));
        return filled;
    }

    private static JsonNode fill(JsonNode node, Values values) {
        if (node instanceof ObjectNode object) {
            return fill(object, values);
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonMapper.shared().createArrayNode();
            array.forEach(item -> filled.add(fill(item, values)));
            return filled;
        }
        return node.isString()
                ? JsonMapper.shared().getNodeFactory().stringNode(new Template(node.asString()).fill(values))
                : node;
    }
}
