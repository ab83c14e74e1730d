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
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestReaderTest {
    private static final String IDS = "'threadId':'t1','runId':'r1'";
    private static final String MESSAGE = "{'id':'m1','role':'user','content':'hello'}";
    private static final String MESSAGES = "'messages':[" + MESSAGE + "]";

    private final ChatRequestReader reader = new ChatRequestReader(Set.of("small", "large"));

    @Test
    void theLeastOfARequestIsEnough() {
        assertThat(read("{" + IDS + "," + MESSAGES + "}"))
                .isEqualTo(new Start(
                        "t1",
                        "r1",
                        List.of(Message.user("m1", "hello")),
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
    void allOfARequestIsRead() {
        assertThat(read("{" + IDS + ",'agentId':'ada','parentRunId':'p1','messages':["
                        + "{'role':'system','content':'Answer in verse.'},"
                        + "{'role':'developer','content':'No lists.'},"
                        + MESSAGE + ","
                        + "{'role':'user','content':[{'type':'text','text':'two '},{'type':'text','text':'parts'}]}],"
                        + "'context':[{'description':'the page','value':'about cats'}],"
                        + "'forwardedProps':{'noesis':{'multitask':'interrupt','deadlineMs':5000,'model':'large',"
                        + "'maxTokens':100,'budget':{'tokens':9000}}}}"))
                .isEqualTo(new Start(
                        "t1",
                        "r1",
                        List.of(Message.user("m1", "hello"), Message.user("r1/m3", "two parts")),
                        List.of("Answer in verse.", "No lists."),
                        List.of(new ContextItem("the page", "about cats")),
                        "p1",
                        Multitask.INTERRUPT,
                        5_000L,
                        "large",
                        100,
                        9_000L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'tools':[]",
                "'tools':null",
                "'state':{}",
                "'state':null",
                "'state':''",
                "'resume':[]",
                "'context':[]",
                "'context':null",
                "'parentRunId':null",
                "'forwardedProps':{}",
                "'forwardedProps':null",
                "'forwardedProps':{'other':{}}",
                "'forwardedProps':{'noesis':{}}",
                "'forwardedProps':{'noesis':{'responseSchema':{},'model':null,'budget':null,'multitask':null}}",
                "'aFieldThatNobodyKnows':{'a':1}"
            })
    void whatIsEmptyOrUnknownAsksForNothing(String field) {
        assertThat(read("{" + IDS + "," + MESSAGES + "," + field + "}")).isInstanceOf(Start.class);
    }

    /** Nothing that a client asked for is silently dropped. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'tools':[{'name':'x'}]                                       | tools is not supported",
                "'state':{'a':1}                                              | state is not supported",
                "'state':'x'                                                  | state is not supported",
                "'state':0                                                    | state is not supported",
                "'state':false                                                | state is not supported",
                "'resume':[{'interruptId':'x'}]                               | resume is not supported",
                "'forwardedProps':{'other':{'a':1}}                           | forwardedProps.other is not supported",
                "'forwardedProps':'x'                                         | forwardedProps is an object",
                "'forwardedProps':{'noesis':'x'}                              | forwardedProps.noesis is an object",
                "'forwardedProps':{'noesis':{'responseSchema':{'a':1}}}       | responseSchema is not supported",
                "'forwardedProps':{'noesis':{'temperature':1}}                | noesis.temperature is not known",
                "'forwardedProps':{'noesis':{'multitask':'whatever'}}         | multitask is enqueue, reject or interrupt",
                "'forwardedProps':{'noesis':{'multitask':1}}                  | multitask is",
                "'forwardedProps':{'noesis':{'multitask':'ENQUEUE'}}          | multitask is",
                "'forwardedProps':{'noesis':{'deadlineMs':0}}                 | deadlineMs is a whole number from 1 to 86400000",
                "'forwardedProps':{'noesis':{'deadlineMs':-1}}                | deadlineMs is",
                "'forwardedProps':{'noesis':{'deadlineMs':86400001}}          | deadlineMs is",
                "'forwardedProps':{'noesis':{'deadlineMs':1.5}}               | deadlineMs is",
                "'forwardedProps':{'noesis':{'deadlineMs':'5'}}               | deadlineMs is",
                "'forwardedProps':{'noesis':{'deadlineMs':99999999999999999999}} | deadlineMs is",
                "'forwardedProps':{'noesis':{'model':'huge'}}                 | model is one of [large, small]",
                "'forwardedProps':{'noesis':{'model':7}}                      | model is one of",
                "'forwardedProps':{'noesis':{'maxTokens':0}}                  | maxTokens is",
                "'forwardedProps':{'noesis':{'maxTokens':2147483648}}         | maxTokens is",
                "'forwardedProps':{'noesis':{'budget':5}}                     | budget is {tokens}",
                "'forwardedProps':{'noesis':{'budget':{}}}                    | budget is {tokens}",
                "'forwardedProps':{'noesis':{'budget':{'tokens':0}}}          | budget.tokens is",
                "'forwardedProps':{'noesis':{'budget':{'tokens':5,'euros':1}}} | budget.euros",
                "'context':[{'description':'x'}]                              | context is an array",
                "'context':'x'                                                | context is an array",
                "'parentRunId':7                                              | parentRunId",
                "'parentRunId':'a\\u0000b'                                    | parentRunId",
                "'agentId':'bob'                                              | agentId is 'bob'",
                "'agentId':7                                                  | agentId",
                "'type':'restart'                                             | type is 'cancel', 'delete' or absent",
                "'type':7                                                     | type is"
            })
    void whatThisReleaseDoesNotActOnIsRefusedByName(String field, String named) {
        assertThat(read("{" + IDS + "," + MESSAGES + "," + field + "}"))
                .isInstanceOfSatisfying(Invalid.class, invalid -> {
                    assertThat(invalid.message()).contains(named);
                    assertThat(invalid.runId()).isEqualTo("r1");
                    assertThat(invalid.threadId()).isEqualTo("t1");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'messages':[]                                                  | messages is required",
                "'messages':'hello'                                             | messages is required",
                "'other':[]                                                     | messages is required",
                "'messages':[{'role':'system','content':'x'}]                   | none of role user",
                "'messages':[{'role':'assistant','content':'x'}]                | messages[0].role: only what is new",
                "'messages':[{'role':'tool','content':'x'}]                     | messages[0].role: only what is new",
                "'messages':[{'role':'User','content':'x'}]                     | messages[0].role is user, system or developer",
                "'messages':[{'content':'x'}]                                   | messages[0].role is",
                "'messages':['hello']                                           | messages[0]",
                "'messages':[{'role':'user'}]                                   | messages[0].content is required",
                "'messages':[{'role':'user','content':''}]                      | messages[0].content is required",
                "'messages':[{'role':'user','content':'  '}]                    | messages[0].content is required",
                "'messages':[{'role':'user','content':[]}]                      | messages[0].content is required",
                "'messages':[{'role':'user','content':{'a':1}}]                 | messages[0].content",
                "'messages':[{'role':'user','content':[{'type':'image'}]}]      | messages[0].content has a part that is not text",
                "'messages':[{'role':'user','content':[{'type':'text'}]}]       | messages[0].content has a part",
                "'messages':[{'role':'user','content':'x'},{'role':'user'}]     | messages[1].content is required"
            })
    void messagesThatCannotBeTakenAreRefusedByPlace(String messages, String named) {
        assertThat(read("{" + IDS + "," + messages + "}"))
                .isInstanceOfSatisfying(
                        Invalid.class,
                        invalid -> assertThat(invalid.message()).contains(named));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'runId':'r1'                                | threadId is required",
                "'runId':'r1','threadId':''                  | threadId is required",
                "'runId':'r1','threadId':7                   | threadId is required",
                "'runId':'r1','threadId':'a\\nb'             | threadId holds control characters",
                "'runId':'r1','threadId':'heartbeat-x'       | may not begin with 'heartbeat-'",
                "'runId':'heartbeat-x','threadId':'t1'       | may not begin with 'heartbeat-'"
            })
    void idsThatCannotBeTakenAreRefused(String ids, String named) {
        assertThat(read("{" + ids + "," + MESSAGES + "}"))
                .isInstanceOfSatisfying(Invalid.class, invalid -> {
                    assertThat(invalid.message()).contains(named);
                    assertThat(invalid.threadId() == null || invalid.threadId().indexOf('\n') < 0)
                            .isTrue();
                });
    }

    @Test
    void aRequestOverItsSizeIsRefused() {
        String text = "x".repeat(ChatRequestReader.MAX_BYTES);

        assertThat(read("{" + IDS + ",'messages':[{'role':'user','content':'" + text + "'}]}"))
                .isInstanceOfSatisfying(
                        Invalid.class,
                        invalid -> assertThat(invalid.message())
                                .contains("may have " + ChatRequestReader.MAX_BYTES)
                                .hasSizeLessThan(200));
    }

    @Test
    void cancelsAndDeletionsAreRead() {
        assertThat(read("{'type':'cancel'," + IDS + "}")).isEqualTo(new Cancel("t1", "r1", "cancelled by request"));
        assertThat(read("{'type':'cancel'," + IDS + ",'reason':'no need'}"))
                .isEqualTo(new Cancel("t1", "r1", "no need"));
        assertThat(read("{'type':'delete'}")).isEqualTo(new Delete("deleted by request"));
        assertThat(read("{'type':'delete','reason':'forget me'}")).isEqualTo(new Delete("forget me"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "7",
                "null",
                "{",
                "{}",
                "{'threadId':'t1'}",
                "{'threadId':'t1','runId':7}",
                "{'threadId':'t1','runId':''}",
                "{'threadId':'t1','runId':'a\\u0000b'}",
                "{'threadId':'t1','runId':'\\ud83d'}",
                "{'threadId':'t1','runId':'r1'} and more",
                "{'type':'cancel','threadId':'t1'}"
            })
    void whatNobodyCanBeAnsweredForIsUnreadable(String value) {
        assertThat(read(value)).isInstanceOf(Unreadable.class);
    }

    @Test
    void anIdMayBeTwoHundredCharactersLong() {
        assertThat(read("{'threadId':'t1','runId':'" + "r".repeat(200) + "'," + MESSAGES + "}"))
                .isInstanceOf(Start.class);
        assertThat(read("{'threadId':'t1','runId':'" + "r".repeat(201) + "'," + MESSAGES + "}"))
                .isInstanceOf(Unreadable.class);
        assertThat(read("{'runId':'r1','threadId':'" + "t".repeat(201) + "'," + MESSAGES + "}"))
                .isInstanceOf(Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no spaces", "~chat", "ünal"})
    void aKeyThatIsNoAgentsIsUnreadable(String key) {
        assertThat(reader.read(key, bytes("{" + IDS + "," + MESSAGES + "}"))).isInstanceOf(Unreadable.class);
        assertThat(reader.read(null, bytes("{" + IDS + "," + MESSAGES + "}"))).isInstanceOf(Unreadable.class);
    }

    @Test
    void noValueIsUnreadable() {
        assertThat(reader.read("ada", null)).isInstanceOf(Unreadable.class);
    }

    @Test
    void deepNestingIsAnswered() {
        assertThat(read("{" + IDS + "," + MESSAGES + ",'state':" + "[".repeat(50_000)))
                .isInstanceOf(Unreadable.class);
    }

    private ChatRequest read(String value) {
        return reader.read("ada", bytes(value));
    }

    private static byte[] bytes(String singleQuoted) {
        return singleQuoted.replace('\'', '"').getBytes(UTF_8);
    }
}
