package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConversationalistTest {
    private static final Set<String> MEMORY_TOOLS = Set.of("learn_fact", "recall");
    private static final String MEMORY = """
            You are an agent.

            Memory:
            - deploy key: the deploy key lives in the blue vault.
            - favourite colour: my favourite colour is green
            """;

    private final Conversationalist talker = new Conversationalist(Reply.Pacing.INSTANT);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            remember that my favourite colour is green.            | favourite colour | my favourite colour is green
            Please remember that the deploy key lives in a vault!  | deploy key       | the deploy key lives in a vault
            Note that Ada's train leaves at nine                   | Ada's train      | Ada's train leaves at nine
            Remember this: water boils at 100 degrees              | water boils at   | water boils at 100 degrees
            My birthday is the 3rd of May                          | birthday         | My birthday is the 3rd of May
            Hello! Please, keep in mind that I am allergic to nuts | I am allergic    | I am allergic to nuts
            """)
    void statementsAreLearnt(String text, String subject, String statement) {
        Reply.Block.Tool call = tool(says("", text, MEMORY_TOOLS));

        assertThat(call.name()).isEqualTo("learn_fact");
        assertThat(call.input().path("subject").asString()).isEqualTo(subject);
        assertThat(call.input().path("statement").asString()).isEqualTo(statement);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            What do you know about the deploy key?   | deploy key
            what do you know about Ada's train       | Ada's train
            What is my favourite colour?             | favourite colour
            what's my name?                          | name
            Do you remember where I live?            | where I live
            Who is my dentist?                       | dentist
            """)
    void questionsAreRecalled(String text, String query) {
        Reply.Block.Tool call = tool(says("", text, MEMORY_TOOLS));

        assertThat(call.name()).isEqualTo("recall");
        assertThat(call.input().path("query").asString()).isEqualTo(query);
    }

    @Test
    void newsAreWhatTheHeartbeatWantsTold() {
        String system = """
                You are an agent.

                Attention, from your heartbeat and not from the user: mention it.
                - (high) the nightly backup failed twice: look at it""";

        assertThat(text(says(system, "Good morning! Anything I should know?", MEMORY_TOOLS)))
                .isEqualTo(
                        "Yes: my heartbeat noticed that the nightly backup failed twice. You may want to look at that.");
        assertThat(text(says(MEMORY, "any news?", MEMORY_TOOLS))).startsWith("Nothing that I know of.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Remember that the sky is blue", "What do you know about the sky?", "My sky is blue"})
    void toolsThatAreNotOfferedAreNotCalled(String text) {
        assertThat(text(says("", text, Set.of()))).isNotEmpty();
        assertThat(text(new ModelRequest("m", 1_000, true, "", text, List.of(), MEMORY_TOOLS, false, 1, 0, true)))
                .isNotEmpty();
    }

    @Test
    void aToolsResultIsTakenUp() {
        assertThat(text(hears("learn_fact", "{\"statement\":\"the sky is blue\"}", "stored", false)))
                .isEqualTo("Noted, I will remember that the sky is blue.");
        assertThat(text(hears("recall", "{\"query\":\"sky\"}", "the sky is blue", false)))
                .isEqualTo("This is what I remember about sky: the sky is blue");
        assertThat(text(hears("recall", "{\"query\":\"sky\"}", "", false)))
                .isEqualTo("I remember nothing about sky yet.");
        assertThat(text(hears("learn_fact", "{}", "the store is full.", true)))
                .isEqualTo("That did not work: the store is full.");
        assertThat(text(hears("forecast", "{}", "rain", false))).isEqualTo("The tool forecast says: rain");
    }

    @Test
    void eachFindingIsDecidedOnce() {
        Reply.Block.Tool call = tool(says("", """
                These were found:
                - [00c0ffee] (high) invoice 12 is overdue
                - [deadbeef01] (low) the disk is 71 % full
                - [00c0ffee] (high) invoice 12 is overdue
                - [12345678] no urgency
                - [xyz] is no fingerprint
                """, Set.of("heartbeat_respond", "learn_fact")));

        assertThat(call.name()).isEqualTo("heartbeat_respond");
        assertThat(call.input())
                .hasToString(
                        "{\"decisions\":["
                                + "{\"fingerprint\":\"00c0ffee\",\"action\":\"notify\",\"text\":\"invoice 12 is overdue\",\"severity\":\"high\"},"
                                + "{\"fingerprint\":\"deadbeef01\",\"action\":\"acknowledge\",\"text\":\"the disk is 71 % full\",\"severity\":\"low\"},"
                                + "{\"fingerprint\":\"12345678\",\"action\":\"acknowledge\",\"text\":\"no urgency\",\"severity\":\"low\"}]}");
    }

    @Test
    void withoutFindingsThereAreNoDecisions() {
        assertThat(tool(says("", "nothing", Set.of("heartbeat_respond"))).input())
                .hasToString("{\"decisions\":[]}");
    }

    @Test
    void theUsersWordsAreTakenUpAlwaysInTheSameWay() {
        String first = text(says("", "The harbour freezes early this year.", Set.of()));

        assertThat(first).contains("The harbour freezes early this year");
        assertThat(text(says("", "The harbour freezes early this year.", Set.of())))
                .isEqualTo(first);
    }

    @Test
    void aLabelledMemoryThatFitsIsUsed() {
        assertThat(text(says(MEMORY, "I need the deploy vault", Set.of())))
                .contains("the deploy key lives in the blue vault");
        assertThat(text(says(MEMORY, "What is my favourite colour?", Set.of())))
                .isEqualTo("I remember that my favourite colour is green.");
        assertThat(text(says(MEMORY, "I had soup", Set.of())))
                .doesNotContain("vault")
                .doesNotContain("green");
        assertThat(text(says("Rules:\n- soup: eat it", "I had soup", Set.of()))).doesNotContain("eat it");
    }

    @Test
    void countingLastsAsLongAsAsked() {
        assertThat(text(says("", "Please count to 5", Set.of()))).isEqualTo("1 2 3 4 5.");
        assertThat(Pieces.count(text(says("", "tell me a long story", Set.of()))))
                .isGreaterThan(200);
    }

    @Test
    void anAnswerEndsAtMaxTokens() {
        ModelRequest request = new ModelRequest("m", 3, true, "", "count to 9", List.of(), Set.of(), true, 1, 0, true);

        Reply reply = talker.answer(request).reply();

        assertThat(reply.blocks()).containsExactly(new Reply.Block.Text("1 2 3"));
        assertThat(reply.effectiveStopReason()).isEqualTo("max_tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "?", "🌍", "remember that", "my is", "what do you know about", "$1 ${text} \\ \""})
    void oddWordsAreAnsweredToo(String text) {
        assertThat(talker.answer(says("", text, MEMORY_TOOLS)).reply().blocks()).isNotEmpty();
    }

    private static ModelRequest says(String system, String text, Set<String> tools) {
        return new ModelRequest("m", 1_000, true, system, text, List.of(), tools, true, 1, 0, true);
    }

    private static ModelRequest hears(String tool, String input, String text, boolean isError) {
        JsonNode called = JsonMapper.shared().readTree(input);
        return new ModelRequest(
                "m",
                1_000,
                true,
                "",
                "whatever it was",
                List.of(new ModelRequest.ToolResult(tool, called, text, isError)),
                MEMORY_TOOLS,
                true,
                1,
                0,
                true);
    }

    private Reply.Block.Tool tool(ModelRequest request) {
        return (Reply.Block.Tool) talker.answer(request).reply().blocks().getFirst();
    }

    private String text(ModelRequest request) {
        return ((Reply.Block.Text) talker.answer(request).reply().blocks().getFirst()).text();
    }
}
