package dev.noesis.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.chat.ChatRequest.Cancel;
import dev.noesis.chat.ChatRequest.Delete;
import dev.noesis.chat.ChatRequest.Invalid;
import dev.noesis.chat.ChatRequest.Multitask;
import dev.noesis.chat.ChatRequest.Start;
import dev.noesis.chat.ChatRequest.Unreadable;
import dev.noesis.model.Message;
import dev.noesis.model.RunSpec.ContextItem;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ChatRequestReaderTest {
    private final ChatRequestReader reader = new ChatRequestReader(Set.of("small", "large"));

    // ---- what is taken

    @Test
    void theSmallestRequest() {
        assertThat(
                        read(
                                "{\"threadId\":\"t1\",\"runId\":\"r1\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"))
                .isEqualTo(new Start(
                        "t1",
                        "r1",
                        List.of(Message.user("r1/m0", "hello")),
                        List.of(),
                        List.of(),
                        null,
                        Multitask.ENQUEUE,
                        null,
                        null,
                        null,
                        null));
    }

    @Test
    void aRequestWithAllThatIsActedOn() {
        assertThat(read("""
                {"threadId":"t1","runId":"r1","parentRunId":"r0","agentId":"ada",
                 "messages":[{"role":"system","content":"be brief"},
                             {"id":"m1","role":"user","content":[{"type":"text","text":"hel"},{"type":"text","text":"lo"}]},
                             {"role":"developer","content":"in English"}],
                 "context":[{"description":"time zone","value":"UTC"}],
                 "tools":[],"state":{},"resume":null,
                 "forwardedProps":{"noesis":{"multitask":"interrupt","deadlineMs":5000,"model":"large","maxTokens":7,
                                             "budget":{"tokens":99},"responseSchema":{}}}}"""))
                .isEqualTo(new Start(
                        "t1",
                        "r1",
                        List.of(Message.user("m1", "hello")),
                        List.of("be brief", "in English"),
                        List.of(new ContextItem("time zone", "UTC")),
                        "r0",
                        Multitask.INTERRUPT,
                        5_000L,
                        "large",
                        7,
                        99L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tools", "state", "resume", "context", "forwardedProps"})
    void aFieldThatIsNullOrEmptyIsNoField(String field) {
        for (Object empty : new Object[] {null, List.of(), ""}) {
            ObjectNode request = request();
            request.set(field, Json.mapper().valueToTree(empty));
            assertThat(read(request)).isInstanceOf(Start.class);
        }
    }

    @Test
    void aFieldThatNobodyKnowsIsIgnored() {
        assertThat(read(request().put("somethingNew", 1))).isInstanceOf(Start.class);
    }

    @Test
    void aCancelAndADelete() {
        assertThat(read("{\"type\":\"cancel\",\"threadId\":\"t1\",\"runId\":\"r1\",\"reason\":\"enough\"}"))
                .isEqualTo(new Cancel("t1", "r1", "enough"));
        assertThat(read("{\"type\":\"cancel\",\"threadId\":\"t1\",\"runId\":\"r1\"}"))
                .isEqualTo(new Cancel("t1", "r1", "cancelled by request"));
        assertThat(read("{\"type\":\"delete\"}")).isEqualTo(new Delete("deleted by request"));
    }

    // ---- what is answered

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            threadId       | null                                          | threadId
            threadId       | ""                                            | threadId
            threadId       | 7                                             | threadId
            threadId       | "a\\u0000b"                                   | threadId
            threadId       | "a\\nb"                                       | threadId
            threadId       | "heartbeat-k1"                                | heartbeat-
            runId          | "heartbeat-k1"                                | heartbeat-
            type           | "stop"                                        | type
            type           | 1                                             | type
            agentId        | "grace"                                       | agentId
            messages       | null                                          | messages
            messages       | []                                            | messages
            messages       | "hello"                                       | messages
            messages       | {"role":"user","content":"x"}                 | messages
            messages       | [{"content":"x"}]                             | messages[0].role
            messages       | [{"role":"robot","content":"x"}]              | messages[0].role
            messages       | [{"role":5,"content":"x"}]                    | messages[0].role
            messages       | [{"role":"assistant","content":"x"}]          | messages[0].role
            messages       | [{"role":"tool","content":"x"}]               | messages[0].role
            messages       | [{"role":"reasoning","content":"x"}]          | messages[0].role
            messages       | [{"role":"activity","content":"x"}]           | messages[0].role
            messages       | [{"role":"user"}]                             | messages[0].content
            messages       | [{"role":"user","content":" "}]               | messages[0].content
            messages       | [{"role":"user","content":5}]                 | messages[0].content
            messages       | [{"role":"user","content":[]}]                | messages[0].content
            messages       | [{"role":"user","content":[{"type":"image"}]}] | messages[0].content
            messages       | [{"role":"user","content":[{"type":"text"}]}] | messages[0].content
            messages       | [{"role":"user","content":"x"},{"role":"user"}] | messages[1].content
            messages       | [{"role":"system","content":"x"}]             | role user
            messages       | ["x"]                                         | messages[0]
            tools          | [{"name":"mine"}]                             | tools
            state          | {"a":1}                                       | state
            state          | "x"                                           | state
            resume         | [{"interruptId":"i1"}]                        | resume
            context        | {"description":"a","value":"b"}               | context
            context        | [{"description":"a"}]                         | context
            context        | [{"description":"a","value":1}]               | context
            parentRunId    | ""                                            | parentRunId
            parentRunId    | 5                                             | parentRunId
            parentRunId    | "a\\u0007"                                    | parentRunId
            forwardedProps | "x"                                           | forwardedProps
            forwardedProps | {"other":{"a":1}}                             | forwardedProps.other
            forwardedProps | {"noesis":"x"}                                | forwardedProps.noesis
            forwardedProps | {"noesis":{"temperature":1}}                  | forwardedProps.noesis.temperature
            forwardedProps | {"noesis":{"responseSchema":{"type":"object"}}} | responseSchema
            forwardedProps | {"noesis":{"multitask":"rollback"}}           | multitask
            forwardedProps | {"noesis":{"multitask":1}}                    | multitask
            forwardedProps | {"noesis":{"deadlineMs":0}}                   | deadlineMs
            forwardedProps | {"noesis":{"deadlineMs":86400001}}            | deadlineMs
            forwardedProps | {"noesis":{"deadlineMs":"5"}}                 | deadlineMs
            forwardedProps | {"noesis":{"deadlineMs":1.5}}                 | deadlineMs
            forwardedProps | {"noesis":{"model":"huge"}}                   | model
            forwardedProps | {"noesis":{"model":1}}                        | model
            forwardedProps | {"noesis":{"maxTokens":0}}                    | maxTokens
            forwardedProps | {"noesis":{"maxTokens":2147483648}}           | maxTokens
            forwardedProps | {"noesis":{"budget":5}}                       | budget
            forwardedProps | {"noesis":{"budget":{}}}                      | budget
            forwardedProps | {"noesis":{"budget":{"tokens":0}}}            | budget.tokens
            """)
    void aRequestThatBreaksTheContractIsAnsweredAndTheFieldIsNamed(String field, String value, String named) {
        ObjectNode request = request();
        request.set(field, Json.tree(value));

        assertThat(read(request)).isInstanceOfSatisfying(Invalid.class, invalid -> {
            assertThat(invalid.message()).contains(named);
            assertThat(invalid.runId()).isEqualTo(request.path("runId").asString());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"threadId", "messages"})
    void aRequiredFieldThatIsMissingIsNamed(String field) {
        ObjectNode request = request();
        request.remove(field);

        assertThat(read(request))
                .isInstanceOfSatisfying(
                        Invalid.class, invalid -> assertThat(invalid.message()).contains(field));
    }

    @Test
    void aRequestThatIsTooLarge() {
        int rest = request("").toString().length();
        assertThat(read(request("x".repeat(ChatRequestReader.MAX_BYTES - rest))))
                .isInstanceOf(Start.class);
        assertThat(read(request("x".repeat(ChatRequestReader.MAX_BYTES - rest + 1))))
                .isInstanceOfSatisfying(
                        Invalid.class, invalid -> assertThat(invalid.message()).contains("4194305"));
    }

    @Test
    void idsMayHave200Characters() {
        assertThat(read(request().put("threadId", "t".repeat(200)))).isInstanceOf(Start.class);
        assertThat(read(request().put("threadId", "t".repeat(201)))).isInstanceOf(Invalid.class);
        assertThat(read(request().put("runId", "r".repeat(200)))).isInstanceOf(Start.class);
        assertThat(read(request().put("runId", "r".repeat(201)))).isInstanceOf(Unreadable.class);
    }

    @Test
    void aThreadIdThatCannotBeUsedIsNotRepeated() {
        assertThat(read(request().put("threadId", "a\nb")))
                .isInstanceOfSatisfying(
                        Invalid.class, invalid -> assertThat(invalid.threadId()).isNull());
    }

    // ---- what nobody can be answered for

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"threadId":"t1"}             | runId
            {"runId":""}                  | runId
            {"runId":7}                   | runId
            {"runId":null}                | runId
            {"runId":"a\\u0000b"}         | runId
            {"type":"cancel"}             | runId
            []                            | JSON object
            "r1"                          | JSON object
            null                          | JSON object
            {"runId":"r1"                 | JSON
            hello                         | JSON
            """)
    void aRequestThatNamesNoRun(String value, String named) {
        assertThat(read(value))
                .isInstanceOfSatisfying(
                        Unreadable.class,
                        unreadable -> assertThat(unreadable.reason()).contains(named));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\0b", "ä", "~chat", "{ada}"})
    void aKeyThatNamesNoAgent(String key) {
        assertThat(reader.read(key, Json.write(request()))).isInstanceOf(Unreadable.class);
    }

    @Test
    void aRecordWithoutKeyOrValue() {
        assertThat(reader.read(null, Json.write(request()))).isInstanceOf(Unreadable.class);
        assertThat(reader.read("ada", null)).isInstanceOf(Unreadable.class);
        assertThat(reader.read("ada", new byte[0])).isInstanceOf(Unreadable.class);
        assertThat(reader.read("a".repeat(201), Json.write(request()))).isInstanceOf(Unreadable.class);
    }

    private ChatRequest read(ObjectNode request) {
        return reader.read("ada", Json.write(request));
    }

    private ChatRequest read(String json) {
        return reader.read("ada", json.getBytes(UTF_8));
    }

    private static ObjectNode request() {
        return request("hello");
    }

    private static ObjectNode request(String text) {
        ObjectNode request = Json.object().put("threadId", "t1").put("runId", "r1");
        request.putArray("messages").addObject().put("role", "user").put("content", text);
        return request;
    }
}
