package dev.noesis.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.MemoryWrite.LearnFact;
import dev.noesis.model.Origin;
import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a model can make of the tools, and what it cannot. */
class ToolsTest {
    private static final List<String> ALL = List.of("learn_fact", "recall", "heartbeat_respond", "throws", "stops");

    private final Dispatcher dispatcher = new Dispatcher(List.of(
            new dev.noesis.tool.LearnFact(),
            new RecallFacts(),
            new HeartbeatRespond(),
            tool("throws", () -> {
                throw new IllegalStateException();
            }),
            tool("stops", () -> {
                throw new InterruptedException();
            })));

    private interface Work {
        Tool.Result call() throws Exception;
    }

    private static Tool tool(String name, Work work) {
        return new Tool() {
            @Override
            public ToolSpec spec() {
                return new ToolSpec(name, name, "{\"type\":\"object\"}");
            }

            @Override
            public Result call(JsonNode arguments, Invocation invocation) throws Exception {
                return work.call();
            }
        };
    }

    @Test
    void aFactIsWrittenToMemoryWithTheResult() throws Exception {
        assertThat(call("learn_fact", "{'subject':'tea','statement':'no milk'}"))
                .isEqualTo(new Tool.Result(
                        "Remembered: tea: no milk", false, List.of(new LearnFact("tea", "no milk", 0.8)), false));
        assertThat(call("learn_fact", "{'subject':'tea','statement':'no milk','confidence':1}")
                        .writes())
                .containsExactly(new LearnFact("tea", "no milk", 1));
    }

    @Test
    void factsAreFoundByTheirWords() throws Exception {
        assertThat(call("recall", "{'query':'tea?'}").text())
                .isEqualTo("- tea: no milk (learned by the model, confidence 0.9)");
        assertThat(call("recall", "{'query':'coffee'}").text()).isEqualTo("Nothing is known about that.");
    }

    @Test
    void decisionsEndTheRun() throws Exception {
        assertThat(
                        call(
                                "heartbeat_respond",
                                "{'decisions':[{'fingerprint':'f','action':'notify','text':'look'},{'fingerprint':'g','action':'defer'}]}"))
                .isEqualTo(new Tool.Result(
                        "Noted.",
                        false,
                        List.of(
                                new DecideFinding("f", Action.NOTIFY, "look"),
                                new DecideFinding("g", Action.DEFER, null)),
                        true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "learn_fact        | {}                                               | subject is required",
                "learn_fact        | {'subject':'tea'}                                | statement is required",
                "learn_fact        | {'subject':7,'statement':'x'}                    | subject is required",
                "learn_fact        | {'subject':'t','statement':'x','confidence':2}   | confidence is a number from 0",
                "learn_fact        | {'subject':'t','statement':'x','confidence':'1'} | confidence is a number from 0",
                "learn_fact        | []                                               | subject is required",
                "learn_fact        | null                                             | subject is required",
                "learn_fact        | not json                                         | not JSON",
                "recall            | {}                                               | query is required",
                "heartbeat_respond | {}                                               | decisions is required",
                "heartbeat_respond | {'decisions':[{}]}                               | fingerprint is required",
                "heartbeat_respond | {'decisions':[{'fingerprint':'f','action':'run'}]} | acknowledge, notify, act or defer",
                "heartbeat_respond | {'decisions':['f']}                              | fingerprint is required",
                "rm                | {}                                               | no tool named 'rm'",
                "throws            | {}                                               | IllegalStateException"
            })
    void whatGoesWrongIsAnAnswerTheModelCanRead(String tool, String arguments, String named) throws Exception {
        Tool.Result result = call(tool, arguments);

        assertThat(result.isError()).isTrue();
        assertThat(result.text()).contains(named);
        assertThat(result.writes()).isEmpty();
        assertThat(result.endsRun()).isFalse();
    }

    @Test
    void aToolThatTheRunMayNotUseIsNotThere() throws Exception {
        assertThat(dispatcher
                        .dispatch("learn_fact", "{}", List.of("recall"), invocation())
                        .text())
                .contains("no tool named 'learn_fact'");
        assertThat(dispatcher.specs(List.of("recall", "rm", "learn_fact")))
                .extracting(ToolSpec::name)
                .containsExactly("learn_fact", "recall");
    }

    @Test
    void aToolThatDoesNotSayWhatItUsesOfMemoryIsShownNothing() {
        assertThat(dispatcher.views("recall")).containsExactly(Tool.View.FACTS);
        assertThat(List.of("learn_fact", "heartbeat_respond", "throws", "rm"))
                .allSatisfy(name -> assertThat(dispatcher.views(name)).isEmpty());
    }

    @Test
    void anInterruptIsNoAnswer() {
        assertThatThrownBy(() -> call("stops", "{}")).isInstanceOf(InterruptedException.class);
    }

    @Test
    void twoToolsOfOneNameAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dispatcher(List.of(new RecallFacts(), new RecallFacts())))
                .withMessageContaining("recall");
    }

    @ParameterizedTest
    @ValueSource(strings = {"learn_fact", "recall", "heartbeat_respond"})
    void schemasAreJsonOfTypeObject(String name) {
        ToolSpec spec = dispatcher.specs(List.of(name)).getFirst();

        assertThat(Json.tree(spec.inputSchema()).path("type").asString()).isEqualTo("object");
        assertThat(Json.tree(spec.inputSchema()).path("required").isArray()).isTrue();
        assertThat(spec.name()).matches("[A-Za-z0-9_-]{1,64}");
    }

    @Test
    void decisionsThatTogetherOutgrowARecordAreRefusedInWordsThatTheModelCanActOn() throws Exception {
        String longest = decisions(100, "\\u0001".repeat(4_000));
        Tool.Result fits = call("heartbeat_respond", longest);
        assertThat(fits.isError()).isFalse();
        assertThat(Json.write(fits.writes()).length).isLessThan(4 << 20);

        Tool.Result tooMany = call("heartbeat_respond", decisions(101, "x"));
        assertThat(tooMany.isError()).isTrue();
        assertThat(tooMany.text()).contains("101", "100");
        Tool.Result tooLong = call("heartbeat_respond", decisions(1, "x".repeat(4_001)));
        assertThat(tooLong.isError()).isTrue();
        assertThat(tooLong.text()).contains("text", "4000");
        assertThat(tooLong.writes()).isEmpty();
    }

    private static String decisions(int count, String text) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{'fingerprint':'f" + i + "','action':'notify','text':'" + text + "'}")
                .collect(Collectors.joining(",", "{'decisions':[", "]}"));
    }

    private Tool.Result call(String tool, String arguments) throws InterruptedException {
        return dispatcher.dispatch(tool, arguments.replace('\'', '"'), ALL, invocation());
    }

    private static Tool.Invocation invocation() {
        return new Tool.Invocation(
                "ada",
                "t1",
                "r1",
                Lane.CHAT,
                "key",
                List.of(new Fact("tea", "no milk", 0.9, Origin.MODEL, 0, "t1")),
                List.of());
    }
}
