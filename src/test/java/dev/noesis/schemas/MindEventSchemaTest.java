package dev.noesis.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.Message;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Origin;
import dev.noesis.model.Reaction;
import dev.noesis.model.RunSpec;
import dev.noesis.model.Schedule;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The schema of the log and the classes that are written to it say the same. */
class MindEventSchemaTest {
    private static final String FILE = "mind.log.json";
    private static final JsonNode SCHEMA = Schemas.tree(FILE);

    static Stream<Class<?>> bodies() {
        return Arrays.stream(MindEvent.Body.class.getPermittedSubclasses());
    }

    static Stream<Example> events() {
        return Example.of("mind.log").filter(Example::valid);
    }

    static Stream<Arguments> parts() {
        return Stream.of(
                Arguments.of(RunSpec.class, "runSpec"),
                Arguments.of(Message.class, "message"),
                Arguments.of(Usage.class, "usage"),
                Arguments.of(Schedule.class, "schedule"),
                Arguments.of(Finding.class, "finding"));
    }

    static Stream<Arguments> unions() {
        return Stream.of(
                Arguments.of(Content.class, "content"),
                Arguments.of(MemoryWrite.class, "memoryWrite"),
                Arguments.of(Schedule.Rhythm.class, "rhythm"));
    }

    @Test
    void everyTypeOfEventIsDescribedAndNoOther() {
        Set<String> types = bodies().map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));

        assertThat(SCHEMA.at("/properties/type/enum").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(types);
        assertThat(types).allSatisfy(type -> assertThat(definition(type)).isNotEmpty());
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aBodyHasTheFieldsOfItsClass(Class<?> body) {
        assertThat(definition(body.getSimpleName()).path("properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(fields(body));
    }

    @ParameterizedTest
    @MethodSource("parts")
    void aPartHasTheFieldsOfItsClass(Class<?> part, String definition) {
        assertThat(definition(definition).path("properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(fields(part));
    }

    @ParameterizedTest
    @MethodSource("unions")
    void aUnionHasTheFieldsOfItsClasses(Class<?> union, String definition) {
        List<Set<String>> described = definition(definition)
                .path("oneOf")
                .valueStream()
                .map(each -> (Set<String>)
                        new TreeSet<>(List.copyOf(each.path("properties").propertyNames())))
                .toList();
        List<Set<String>> written = Arrays.stream(union.getPermittedSubclasses())
                .filter(Class::isRecord)
                .map(each -> {
                    Set<String> fields = new TreeSet<>(fields(each));
                    fields.add("type");
                    return fields;
                })
                .toList();

        assertThat(described).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void theEnvelopeHasTheFieldsOfItsClass() {
        Set<String> fields = new TreeSet<>(fields(MindEvent.class));
        fields.add("type");

        assertThat(SCHEMA.path("properties").propertyNames()).containsExactlyInAnyOrderElementsOf(fields);
    }

    @ParameterizedTest
    @MethodSource("events")
    void anExampleIsWhatIsWrittenOfTheEventThatIsReadFromIt(Example example) {
        MindEvent event = Json.read(Json.write(example.value()), MindEvent.class);

        assertThat(Json.tree(Json.write(event))).isEqualTo(example.value());
    }

    @Test
    void everyTypeOfEventHasAnExample() {
        assertThat(events().map(example -> example.value().path("type").asString()))
                .containsAll(bodies().map(Class::getSimpleName).toList());
    }

    @Test
    void everyMemoryWriteHasAnExample() {
        assertThat(events().flatMap(
                                example -> example.value().at("/body/writes").valueStream())
                        .map(write -> write.path("type").asString()))
                .containsAll(Arrays.stream(MemoryWrite.class.getPermittedSubclasses())
                        .map(Class::getSimpleName)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("events")
    void aDecisionNeedsItsStamp(Example example) {
        MindEvent event = Json.read(Json.write(example.value()), MindEvent.class);
        MindEvent bare = new MindEvent(
                event.version(),
                event.eventId(),
                event.at(),
                event.lane(),
                event.runId(),
                event.threadId(),
                event.origin(),
                null,
                event.body());

        assertThat(SchemaCheck.problems("mind.log", Json.write(bare)).isEmpty()).isEqualTo(!event.isDecision());
    }

    @Test
    void theWordsOfTheSchemaAreThoseOfTheClasses() {
        JsonNode common = Schemas.tree("common.json");

        assertThat(words(common.at("/$defs/errorCode/enum")))
                .isEqualTo(Arrays.stream(ErrorCode.values()).map(ErrorCode::id).toList());
        assertThat(words(common.at("/$defs/urgency/enum")))
                .isEqualTo(Arrays.stream(Finding.Urgency.values())
                        .map(Finding.Urgency::id)
                        .toList());
        assertThat(words(common.at("/$defs/lane/enum")))
                .isEqualTo(Arrays.stream(Lane.values()).map(Lane::id).toList());
        assertThat(words(SCHEMA.at("/properties/origin/properties/kind/enum")))
                .isEqualTo(
                        Arrays.stream(Origin.Kind.values()).map(Origin.Kind::id).toList());
        assertThat(words(definition("message").at("/properties/role/enum")))
                .isEqualTo(Arrays.stream(Message.Role.values())
                        .map(Message.Role::id)
                        .toList());
        assertThat(words(definition("memoryWrite").at("/oneOf/1/properties/action/enum")))
                .isEqualTo(Arrays.stream(MemoryWrite.Action.values())
                        .map(action -> action.name().toLowerCase(Locale.ROOT))
                        .toList());
        assertThat(words(definition("memoryWrite").at("/oneOf/2/properties/stakes/enum")))
                .isEqualTo(Arrays.stream(MemoryWrite.Stakes.values())
                        .map(MemoryWrite.Stakes::id)
                        .toList());
        assertThat(words(definition("memoryWrite").at("/oneOf/3/properties/verdict/enum")))
                .isEqualTo(Arrays.stream(MemoryWrite.Verdict.values())
                        .map(MemoryWrite.Verdict::id)
                        .toList());
        assertThat(words(definition("schedule").at("/properties/misfire/enum")))
                .isEqualTo(Arrays.stream(Schedule.Misfire.values())
                        .map(Schedule.Misfire::id)
                        .toList());
        assertThat(words(definition("FindingReacted").at("/properties/action/enum")))
                .isEqualTo(Arrays.stream(Reaction.values()).map(Reaction::id).toList());
        assertThat(SCHEMA.at("/properties/version/maximum").asInt()).isEqualTo(MindEvent.VERSION);
    }

    private static JsonNode definition(String name) {
        return SCHEMA.path("$defs").path(name);
    }

    private static List<String> fields(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }

    private static List<String> words(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
