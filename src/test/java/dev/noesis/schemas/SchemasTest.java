package dev.noesis.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.noesis.serde.Json;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class SchemasTest {
    private static final Schemas PUBLISHED = Schemas.published();
    private static final Set<String> SHARED = Set.of("common.json", "headers.json");

    static Stream<String> files() {
        return Schemas.names().stream();
    }

    static Stream<Example> examples() {
        return Example.all();
    }

    @ParameterizedTest
    @MethodSource("files")
    void aSchemaIsOneOfTheDialectThatItNames(String file) {
        assertThat(Schemas.tree(file).path("$schema").asString())
                .isEqualTo("https://json-schema.org/draft/2020-12/schema");
        assertThat(PUBLISHED.problemsOfSchema(Schemas.tree(file))).isEmpty();
    }

    @Test
    void theDialectIsReallyHeldAgainstTheSchemas() {
        var broken = Json.object().put("type", "objekt");

        assertThat(PUBLISHED.problemsOfSchema(broken)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyReferenceLeadsSomewhere(String file) {
        for (String reference : references(Schemas.tree(file), new ArrayList<>())) {
            int hash = reference.indexOf('#');
            String name = hash == 0 ? file : hash < 0 ? reference : reference.substring(0, hash);
            String pointer = hash < 0 ? "" : reference.substring(hash + 1);
            assertThat(Schemas.names()).contains(name);
            assertThat(Schemas.tree(name).at(pointer).isMissingNode())
                    .as(reference)
                    .isFalse();
        }
    }

    @Test
    void everyTopicButTheDeadLettersHasASchemaAndExamples() {
        Set<String> expected = new TreeSet<>(SHARED);
        new Topics("")
                .specs().stream()
                        .map(TopicSpec::name)
                        .filter(name -> !name.endsWith(".dlq"))
                        .forEach(name -> expected.add(name + ".json"));

        assertThat(Schemas.names()).containsExactlyInAnyOrderElementsOf(expected);
        expected.removeAll(SHARED);
        for (String file : expected) {
            String topic = file.substring(0, file.length() - ".json".length());
            assertThat(Example.of(topic).filter(Example::valid)).as(file).isNotEmpty();
            assertThat(Example.of(topic).filter(example -> !example.valid()))
                    .as(file)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleIsWhatItSaysItIs(Example example) {
        List<String> problems = PUBLISHED.problems(example.topic() + ".json", example.value());

        if (example.valid()) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleHasNoFieldThatNoSchemaDescribes(Example example) {
        if (example.valid()) {
            assertThat(SchemaCheck.problems(example.topic(), Json.write(example.value())))
                    .isEmpty();
        }
    }

    @Test
    void aFieldThatIsNotDescribedIsLetPassByReadersAndFoundInWhatIsWritten() {
        Example signal = Example.of("agent.signals").findFirst().orElseThrow();
        Example attention = Example.of("agent.attention").findFirst().orElseThrow();
        JsonNode more = attention.with("colour", "red");

        assertThat(PUBLISHED.problems("agent.attention.json", more)).isEmpty();
        assertThat(SchemaCheck.problems("agent.attention", Json.write(more)))
                .singleElement()
                .asString()
                .contains("colour");
        assertThat(SchemaCheck.problems("agent.signals", Json.write(signal.with("colour", "red"))))
                .isEmpty();
    }

    @Test
    void recordsAreCheckedUnderADeploymentsPrefix() {
        Example attention = Example.of("agent.attention").findFirst().orElseThrow();

        assertThat(SchemaCheck.problems("blue.agent.attention", Json.write(attention.value())))
                .isEmpty();
        assertThat(SchemaCheck.problems("blue.agent.attention", "{}".getBytes(StandardCharsets.UTF_8)))
                .isNotEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> SchemaCheck.problems("agent.pains", new byte[0]));
    }

    @Test
    void aRecordWithoutAValueIsLegalOnlyWhereItSaysSomething() {
        assertThat(SchemaCheck.problems("heartbeat.schedules", null)).isEmpty();
        assertThat(SchemaCheck.problems("chat.dlq", null)).isEmpty();
        assertThat(SchemaCheck.problems("mind.log", null)).isNotEmpty();
        assertThat(SchemaCheck.problems("mind.log", "nonsense".getBytes(StandardCharsets.UTF_8)))
                .isNotEmpty();
    }

    private static List<String> references(JsonNode node, List<String> found) {
        if (node.path("$ref").isString()) {
            found.add(node.path("$ref").asString());
        }
        node.values().forEach(each -> references(each, found));
        return found;
    }
}
