package dev.noesis.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.serde.Json;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class AsyncApiTest {
    private static final JsonNode DOCUMENT =
            new YAMLMapper().readTree(Schemas.FOLDER.resolve("asyncapi.yaml").toFile());

    private static final Topics TOPICS = new Topics("");

    static Stream<TopicSpec> topics() {
        return TOPICS.specs().stream();
    }

    static Stream<String> references() {
        return find(DOCUMENT, new ArrayList<>()).stream().distinct();
    }

    @Test
    void itIsADocumentOfVersion3AndHasEveryTopicAndNoOther() {
        assertThat(DOCUMENT.path("asyncapi").asString()).isEqualTo("3.0.0");
        assertThat(DOCUMENT.path("channels").propertyNames())
                .containsExactlyInAnyOrderElementsOf(
                        topics().map(TopicSpec::name).toList());
    }

    @ParameterizedTest
    @MethodSource("topics")
    void aTopicIsMadeAsTheDocumentSays(TopicSpec topic) {
        JsonNode channel = channel(topic);
        JsonNode settings = channel.at("/bindings/kafka/topicConfiguration");
        Duration retention = topic.retention();

        assertThat(channel.path("address").asString()).isEqualTo(topic.name());
        assertThat(settings.path("retention.ms").asLong()).isEqualTo(retention == null ? -1 : retention.toMillis());
        assertThat(settings.path("max.message.bytes").asInt()).isEqualTo(TopicSpec.MAX_MESSAGE_BYTES);
        assertThat(settings.path("cleanup.policy").valueStream().map(JsonNode::asString))
                .containsExactlyElementsOf(Arrays.asList(topic.cleanupPolicy().split(",")));
    }

    @ParameterizedTest
    @MethodSource("topics")
    void aTopicsMessagesHaveItsSchemaAndHeaders(TopicSpec topic) {
        boolean asItCame = topic.name().endsWith(".dlq");

        assertThat(channel(topic).path("messages").values()).isNotEmpty().allSatisfy(reference -> {
            JsonNode message = resolve(reference.path("$ref").asString());
            JsonNode headers = resolve(message.at("/headers/$ref").asString());
            assertThat(headers.at("/schema/$ref").asString()).startsWith("headers.json#/$defs/");
            if (asItCame) {
                assertThat(message.has("payload")).isFalse();
            } else {
                assertThat(message.at("/payload/schema/$ref").asString()).isEqualTo(topic.name() + ".json");
                assertThat(resolve(message.at("/bindings/$ref").asString()).at("/kafka/key"))
                        .isNotEmpty();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("topics")
    void aTopicIsReadOrWrittenAsItsClockSays(TopicSpec topic) {
        Set<String> actions = new TreeSet<>();
        for (JsonNode operation : DOCUMENT.path("operations").values()) {
            String channel = operation.at("/channel/$ref").asString();
            if (channel.equals("#/channels/" + topic.name())) {
                actions.add(operation.path("action").asString());
                assertThat(operation.path("messages").values())
                        .allSatisfy(message ->
                                assertThat(message.path("$ref").asString()).startsWith(channel + "/messages/"));
            }
        }

        if (topic.name().equals(TOPICS.mindLog())) {
            assertThat(actions).containsExactly("receive", "send");
        } else {
            assertThat(actions).containsExactly(topic.clock() == TopicSpec.Clock.BROKER ? "receive" : "send");
        }
    }

    @ParameterizedTest
    @MethodSource("references")
    void everyReferenceLeadsSomewhere(String reference) {
        assertThat(resolve(reference).isMissingNode()).isFalse();
    }

    @Test
    void theKeysAreThoseOfTheSchemas() {
        JsonNode agent = Schemas.tree("common.json").at("/$defs/agentId");
        JsonNode key = DOCUMENT.at("/components/messageBindings/agentKey/kafka/key");

        assertThat(List.of("type", "minLength", "maxLength", "pattern"))
                .allSatisfy(field -> assertThat(key.path(field)).isEqualTo(agent.path(field)));
        assertThat(DOCUMENT.at("/components/messageBindings/partitionKey/kafka/key/enum"))
                .isEqualTo(Schemas.tree("common.json").at("/$defs/partitionKey/enum"));
    }

    private static JsonNode channel(TopicSpec topic) {
        return DOCUMENT.path("channels").path(topic.name());
    }

    /** What a reference leads to, in this document or in a schema beside it. */
    private static JsonNode resolve(String reference) {
        int hash = reference.indexOf('#');
        String file = hash < 0 ? reference : reference.substring(0, hash);
        String pointer = hash < 0 ? "" : reference.substring(hash + 1);
        if (file.isEmpty()) {
            return DOCUMENT.at(pointer);
        }
        return Schemas.names().contains(file)
                ? Schemas.tree(file).at(pointer)
                : Json.mapper().missingNode();
    }

    private static List<String> find(JsonNode node, List<String> found) {
        if (node.path("$ref").isString()) {
            found.add(node.path("$ref").asString());
        }
        node.values().forEach(each -> find(each, found));
        return found;
    }
}
