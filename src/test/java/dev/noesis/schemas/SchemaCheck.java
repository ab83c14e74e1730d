package dev.noesis.schemas;

import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Holds records against the schemas of their topics. What Noesis writes may have no field that its schema does not describe.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
public final class SchemaCheck {
    private static final Topics TOPICS = new Topics("");

    /** What clients write: readers ignore fields that they do not know. */
    private static final Set<String> OPEN =
            Set.of(TOPICS.chatRequests(), TOPICS.heartbeatSchedules(), TOPICS.heartbeatTicks(), TOPICS.agentSignals());

    /** Records as they came, which nobody could read. */
    private static final Set<String> ANYTHING = Set.of(TOPICS.chatDlq(), TOPICS.heartbeatDlq());

    private static final Schemas PUBLISHED = Schemas.published();
    private static final Schemas CLOSED = Schemas.closed();

    private SchemaCheck() {}

    /**
     * What is wrong with a record's value; empty if nothing is.
     *
     * @param topic with or without a deployment's prefix
     * @param json the value as it was read
     * @throws IllegalArgumentException if there is no such topic
     */
    public static List<String> problems(String topic, byte @Nullable [] json) {
        String bare = bare(topic);
        if (ANYTHING.contains(bare)) {
            return List.of();
        }
        if (json == null) {
            return bare.equals(TOPICS.heartbeatSchedules()) ? List.of() : List.of("it has no value");
        }
        try {
            return (OPEN.contains(bare) ? PUBLISHED : CLOSED).problems(bare + ".json", Json.tree(json));
        } catch (JacksonException e) {
            return List.of("it is not JSON: " + e.getOriginalMessage());
        }
    }

    /**
     * What is wrong with a record's headers; empty if nothing is.
     *
     * @param headers the last value of each name
     */
    public static List<String> headerProblems(String topic, Map<String, String> headers) {
        String bare = bare(topic);
        JsonNode tree = Json.mapper().valueToTree(headers);
        if (ANYTHING.contains(bare)) {
            return PUBLISHED.problems("headers.json#/$defs/deadLetter", tree);
        }
        return OPEN.contains(bare)
                ? PUBLISHED.problems("headers.json#/$defs/input", tree)
                : CLOSED.problems("headers.json#/$defs/output", tree);
    }

    /** What is wrong with a record's key; empty if nothing is. */
    public static List<String> keyProblems(String topic, String key) {
        JsonNode text = Json.mapper().valueToTree(key);
        if (ANYTHING.contains(bare(topic))) {
            return List.of();
        }
        boolean ofPartition = bare(topic).equals(TOPICS.mindLog()) && key.startsWith("~");
        return PUBLISHED.problems("common.json#/$defs/" + (ofPartition ? "partitionKey" : "agentId"), text);
    }

    private static String bare(String topic) {
        Optional<String> bare = TOPICS.specs().stream()
                .map(spec -> spec.name())
                .filter(name -> topic.equals(name) || topic.endsWith("." + name))
                .findFirst();
        return bare.orElseThrow(() -> new IllegalArgumentException("no topic of Noesis is named '" + topic + "'"));
    }
}
