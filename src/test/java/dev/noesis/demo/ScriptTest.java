package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.MissingNode;

class ScriptTest {

    @Test
    void theFirstRuleThatFitsAnswers() {
        Responder script = script("""
                - match: Weather
                  answer: rain
                - match: {regex: "^how"}
                  answer: well
                - answer: I see
                """);

        assertThat(text(script, "what WEATHER is it, and how?")).isEqualTo("rain");
        assertThat(text(script, "how are you?")).isEqualTo("well");
        assertThat(text(script, "who knows how")).isEqualTo("I see");
    }

    @Test
    void aRequestThatNoRuleFitsIsLeftToTheNext() {
        assertThat(script("- {match: weather, answer: rain}").answer(says("hello")))
                .isNull();
    }

    @Test
    void whatTheRegexMatchedIsFilledIn() {
        Responder script = script("""
                - match: {regex: "my name is (\\\\w+)( of \\\\w+)?"}
                  answer: 'Good day, $1$2! You said "$0" in "${text}" for $$5 and $x.'
                  tools:
                    - {name: learn_fact, input: {subject: name, statement: ["it is $1", 7, {deep: "${text}"}]}}
                """);

        Reply reply = reply(script, says("Well, my name is Ada"));
        assertThat(reply.blocks().getFirst())
                .isEqualTo(new Reply.Block.Text(
                        "Good day, Ada! You said \"my name is Ada\" in \"Well, my name is Ada\" for $5 and $x."));
        assertThat(((Reply.Block.Tool) reply.blocks().getLast()).input())
                .hasToString(
                        "{\"subject\":\"name\",\"statement\":[\"it is Ada\",7,{\"deep\":\"Well, my name is Ada\"}]}");
        assertThat(reply.effectiveStopReason()).isEqualTo("tool_use");
    }

    @Test
    void aRuleThatAsksForAToolDoesNotFitTheToolsResult() {
        Responder script = script("""
                - match: weather
                  tools: [{name: forecast}]
                - match: {contains: weather, toolResult: rain}
                  answer: 'umbrella: ${toolResult}'
                - match: {toolResult: ""}
                  answer: no umbrella
                """);

        assertThat(reply(script, says("the weather?")).blocks().getFirst()).isInstanceOf(Reply.Block.Tool.class);
        assertThat(text(script, hears("the weather?", "heavy RAIN"))).isEqualTo("umbrella: heavy RAIN");
        assertThat(text(script, hears("the weather?", "sun"))).isEqualTo("no umbrella");
    }

    @Test
    void aRuleWithTimesStepsAsideAfterThem() {
        Responder script = script("""
                - {match: flaky, times: 2, fault: {status: 529}}
                - {match: flaky, answer: at last}
                """);

        assertThat(reply(script, says("flaky a")).fault()).isInstanceOf(Fault.Status.class);
        assertThat(reply(script, says("flaky b")).fault()).isInstanceOf(Fault.Status.class);
        assertThat(text(script, says("flaky a"))).isEqualTo("at last");
    }

    @Test
    void timesCanBeCountedForEachTextByItself() {
        Responder script = script("""
                - {match: flaky, times: 1, per: text, fault: reset}
                - {match: flaky, answer: at last}
                """);

        assertThat(reply(script, says("flaky a")).fault()).isInstanceOf(Fault.Reset.class);
        assertThat(reply(script, says("flaky b")).fault()).isInstanceOf(Fault.Reset.class);
        assertThat(text(script, says("flaky a"))).isEqualTo("at last");
        assertThat(text(script, says("flaky b"))).isEqualTo("at last");
    }

    @Test
    void systemAndModelAreConditionsToo() {
        Responder script = script("""
                - {match: {system: pirate, model: small}, answer: arr}
                - {answer: true}
                """);

        assertThat(text(script, request("m-small", "You are a Pirate.", "hi", List.of())))
                .isEqualTo("arr");
        assertThat(text(script, request("m-large", "You are a Pirate.", "hi", List.of())))
                .isEqualTo("true");
        assertThat(text(script, request("m-small", "", "hi", List.of()))).isEqualTo("true");
    }

    @Test
    void aRulesPaceOverridesTheScriptsAndThatTheServers() {
        Responder script = script("""
                defaults: {latency: 2s, tokensPerSecond: 10}
                rules:
                  - {match: a, latency: {headers: 1.5s}, chunk: 7, pings: 1m, answer: x}
                  - {match: b, latency: 250, answer: x}
                """);

        assertThat(reply(script, says("a")).pacing())
                .isEqualTo(new Reply.Pacing(
                        Duration.ofMillis(1_500), Duration.ofSeconds(2), 10, 7, Duration.ofMinutes(1)));
        assertThat(reply(script, says("b")).pacing())
                .isEqualTo(new Reply.Pacing(Duration.ZERO, Duration.ofMillis(250), 10, 0, null));
    }

    @Test
    void aConstantReplyIsEncodedOnce() {
        Responder script = script("- {match: a, answer: always}\n- {match: b, answer: '${text}'}");

        Answer first = script.answer(says("a 1"));
        assertThat(first.content()).isNotNull();
        assertThat(script.answer(says("a 2"))).isSameAs(first);
        assertThat(script.answer(says("b")).content()).isNull();
    }

    @Test
    void hugeIsAsLongAsAsked() {
        assertThat(text(script("- fault: huge"), "x")).hasSize(1024 * 1024);
        assertThat(text(script("- fault: {huge: 50}"), "x")).hasSize(50);
    }

    @Test
    void theExampleIsAScriptAndShowsEveryFault() {
        Responder example = Script.parse(Script.example(), "example").responder(Reply.Pacing.INSTANT);

        assertThat(text(example, hears("weather in Oslo", "snow"))).isEqualTo("The forecast says: snow");
        for (String fault : List.of(
                "hang before headers",
                "hang mid stream",
                "reset before headers",
                "reset mid stream",
                "cut",
                "clean cut",
                "overloaded",
                "rate limit",
                "rate limit in milliseconds",
                "bad request",
                "malformed",
                "split",
                "huge")) {
            assertThat(reply(example, says("fault " + fault)).fault()).as(fault).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            - fault: hang_before_headers                           | HangBeforeHeaders[]
            - fault: hang_mid_stream                               | HangMidStream[after=null]
            - fault: {hang_mid_stream: true}                       | HangMidStream[after=null]
            - fault: {hang_mid_stream: 3}                          | HangMidStream[after=3]
            - fault: {reset: , after: 3}                           | Reset[after=3]
            - fault: {cut: 2, clean: true}                         | Cut[after=2, clean=true]
            - fault: {malformed_event: 2, data: "{"}               | MalformedEvent[after=2, data={]
            - fault: {huge: 9}                                     | Huge[characters=9]
            - fault: {status: 429, retry_after: 1.5}               | Status[error=ApiError[status=429, type=rate_limit_error, message=This request would exceed your rate limit, retryAfter=1.5, retryAfterMs=null, shouldRetry=null]]
            - fault: {status: 503, error: e, message: m, retry_after_ms: 5, should_retry: false} | Status[error=ApiError[status=503, type=e, message=m, retryAfter=null, retryAfterMs=5, shouldRetry=false]]
            - fault: {stream_error: rate_limit_error, after: 1}    | StreamError[after=1, error=ApiError[status=429, type=rate_limit_error, message=This request would exceed your rate limit, retryAfter=null, retryAfterMs=null, shouldRetry=null]]
            """)
    void faultsAreWrittenInSeveralWays(String yaml, String fault) {
        assertThat(reply(script(yaml), says("x")).fault()).hasToString(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            - {anwser: x}                        | s.yaml:1: [0].anwser: no such key; there are match, times,
            - {match: {contain: x}, answer: x}   | s.yaml:1: [0].match.contain: no such key; there are contains, regex
            - {match: {regex: "("}, answer: x}   | s.yaml:1: [0].match.regex: not a regular expression
            - {match: x}                         | s.yaml:1: [0]: the rule says nothing
            - {answer: $1}                       | s.yaml:1: [0].answer: $1 stands for a group, but the rule's regex has 0
            - {answer: {a: b}}                   | s.yaml:1: [0].answer: a text is expected, not keys with values
            - {answer: }                         | s.yaml:1: [0].answer: a text is expected, not nothing
            - {answer: x, times: 0}              | s.yaml:1: [0].times: a whole number from 1 to 1000000 is expected, not '0'
            - {answer: x, per: text}             | s.yaml:1: [0].per: stands only beside times
            - {answer: x, times: 1, per: run}    | s.yaml:1: [0].per: one of all, text is expected, not 'run'
            - {answer: x, latency: soon}         | s.yaml:1: [0].latency: a duration such as 250ms or 2s is expected
            - {answer: x, latency: 2h}           | s.yaml:1: [0].latency: a duration such as 250ms or 2s is expected
            - {answer: x, pings: 0}              | s.yaml:1: [0].pings: a time between pings is longer than 0
            - {answer: x, tokensPerSecond: -1}   | s.yaml:1: [0].tokensPerSecond: a number of at least 0 is expected
            - {answer: x, chunk: 1.5}            | s.yaml:1: [0].chunk: a whole number from 1 to 10000000 is expected
            - {answer: x, usage: {in: 1}}        | s.yaml:1: [0].usage.in: no such key
            - {tools: forecast}                  | s.yaml:1: [0].tools: a list is expected, not 'forecast'
            - {tools: [{input: {}}]}             | s.yaml:1: [0].tools[0]: the tool has no name
            - {tools: [{name: a, input: 5}]}     | s.yaml:1: [0].tools[0].input: keys with values are expected, not '5'
            - {fault: explode}                   | s.yaml:1: [0].fault: one of hang_before_headers, hang_mid_stream
            - {fault: {after: 1}}                | s.yaml:1: [0].fault: one of hang_before_headers
            - {fault: {cut: 1, reset: 2}}        | s.yaml:1: [0].fault: one of hang_before_headers
            - {fault: {status: 200}}             | s.yaml:1: [0].fault.status: a whole number from 400 to 599 is expected
            - {fault: status}                    | s.yaml:1: [0].fault: status needs a value
            - {fault: {reset: 1, retry_after: 2}} | s.yaml:1: [0].fault.retry_after: does not belong to reset, which has after
            - {fault: {hang_before_headers: 3}}  | s.yaml:1: [0].fault.hang_before_headers: takes no value
            rules                                | s.yaml:1: keys with values are expected, not 'rules'
            {defaults: {chunk: 1}}               | s.yaml:1: there are no rules
            {rules: [], rule: []}                | s.yaml:1: rule: no such key; there are defaults, rules
            {defaults: {answer: x}, rules: []}   | s.yaml:1: defaults.answer: no such key
            - {answer: x, answer: y}             | s.yaml:1:
            - {answer: x                         | s.yaml:
            """)
    void aWrongScriptNamesLineAndKey(String yaml, String message) {
        assertThatThrownBy(() -> Script.parse(yaml, "s.yaml"))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void theLineIsThatOfTheKey() {
        assertThatThrownBy(() -> Script.parse("""
                        # a comment
                        rules:
                          - match: a
                            answer: x
                          - match: b
                            fault:
                              status: 429
                              retry_after_ms: soon
                        """, "s.yaml"))
                .hasMessage("s.yaml:8: rules[1].fault.retry_after_ms: a whole number from 0 to 2147483647 is expected,"
                        + " not 'soon'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing but a comment\n"})
    void anEmptyFileIsNamed(String yaml) {
        assertThatThrownBy(() -> Script.parse(yaml, "s.yaml"))
                .isInstanceOf(ScriptException.class)
                .hasMessage("s.yaml: the file is empty");
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir Path dir) {
        assertThatThrownBy(() -> Script.load(dir.resolve("none.yaml")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none.yaml");
    }

    private static Responder script(String yaml) {
        return Script.parse(yaml, "s.yaml").responder(Reply.Pacing.INSTANT);
    }

    private static ModelRequest says(String text) {
        return request("m", "", text, List.of());
    }

    private static ModelRequest hears(String text, String toolResult) {
        return request(
                "m",
                "",
                text,
                List.of(new ModelRequest.ToolResult("forecast", MissingNode.getInstance(), toolResult, false)));
    }

    private static ModelRequest request(
            String model, String system, String text, List<ModelRequest.ToolResult> results) {
        return new ModelRequest(model, 1_000, true, system, text, results, Set.of(), true, 1, 0, true);
    }

    private static Reply reply(Responder script, ModelRequest request) {
        Answer answer = script.answer(request);
        return answer == null ? null : answer.reply();
    }

    private static String text(Responder script, String userText) {
        return text(script, says(userText));
    }

    private static String text(Responder script, ModelRequest request) {
        return ((Reply.Block.Text) reply(script, request).blocks().getFirst()).text();
    }
}
