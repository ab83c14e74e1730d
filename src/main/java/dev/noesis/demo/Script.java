package dev.noesis.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the model server answers: rules in YAML, of which the first that fits a request gives the reply.
 *
 * <pre>{@code
 * defaults:                  # for all rules, each may be left out
 *   latency: 100ms
 *   tokensPerSecond: 40
 * rules:
 *   - match: weather         # the user's last words contain this, in upper or lower case
 *     tools:                 # the model asks for tools, in this order
 *       - {name: forecast, input: {place: Oslo}}
 *   - match: {toolResult: rain}
 *     answer: Take an umbrella. It says "${toolResult}".
 *   - match: {regex: "(?i)my name is (\\w+)"}
 *     answer: Good day, $1.
 *   - match: flaky
 *     times: 2               # the first two times; after that the next rule that fits
 *     fault: {status: 529}
 *   - answer: I see.         # no match: fits every request
 * }</pre>
 *
 * <p>A script is a list of rules, or {@code defaults} and {@code rules}. A request that no rule fits is answered by the
 * {@link ScriptedModelServer}'s own talker. A rule has these keys, all optional:
 *
 * <table>
 * <caption>Keys of a rule</caption>
 * <tr><td>{@code match}</td><td>A text that the user's last words contain, or a map of conditions that must all hold:
 *   {@code contains}; {@code regex} (found anywhere in them, Java's syntax); {@code system} and {@code model}, texts
 *   that these contain; {@code toolResult}, a text that the last message's tool results contain, empty for any. A rule
 *   with a match but no {@code toolResult} fits only requests that end in the user's words, so that one that asks for a
 *   tool does not ask for it for ever; a rule without a match fits every request.</td></tr>
 * <tr><td>{@code times}</td><td>Fits only so many times (1 to 1,000,000); with {@code per: text} so many times for
 *   each text of the user, of which it knows 100,000.</td></tr>
 * <tr><td>{@code answer}</td><td>The text. {@code $0} to {@code $9} stand for what {@code regex} matched,
 *   {@code ${text}} for the user's words, {@code ${toolResult}} for the tools', {@code $$} for a dollar sign; also in
 *   {@code thinking} and the tools' input.</td></tr>
 * <tr><td>{@code tools}</td><td>Tool calls, behind the text: {@code name}, and {@code input} if any.</td></tr>
 * <tr><td>{@code thinking}</td><td>Visible reasoning, before the text.</td></tr>
 * <tr><td>{@code latency}</td><td>From the headers to the first word; or {@code {headers: …, firstToken: …}}, where
 *   {@code headers} counts from the request to the headers. Durations are {@code 250ms}, {@code 2s}, {@code 1m} or a
 *   number of milliseconds, at most 1 h.</td></tr>
 * <tr><td>{@code tokensPerSecond}</td><td>Deltas in a second; 0 for as fast as the client reads.</td></tr>
 * <tr><td>{@code chunk}</td><td>Characters of a delta (1 to 10,000,000); without it, a word.</td></tr>
 * <tr><td>{@code pings}</td><td>Time between ping events, also while a stream hangs; without it, one at the
 *   start.</td></tr>
 * <tr><td>{@code stopReason}</td><td>Instead of {@code end_turn}, or {@code tool_use} where there are
 *   tools.</td></tr>
 * <tr><td>{@code usage}</td><td>{@code input}, {@code output}, {@code cacheRead}, {@code cacheWrite}; without it,
 *   input is a quarter of the request's characters and output the number of words.</td></tr>
 * <tr><td>{@code fault}</td><td>See below.</td></tr>
 * </table>
 *
 * <p>{@code latency}, {@code tokensPerSecond}, {@code chunk} and {@code pings} may stand in {@code defaults}. A fault
 * is a name, or a map of the name with its value and further keys. {@code after: n} counts the stream's events that
 * still come whole, pings and {@code message_start} included; it may be the name's value ({@code {cut: 3}}); without it
 * half of them come. An answer that is not streamed breaks in the middle of its body instead.
 *
 * <table>
 * <caption>Faults</caption>
 * <tr><td>{@code hang_before_headers}</td><td>Nothing is ever answered.</td></tr>
 * <tr><td>{@code hang_mid_stream}</td><td>The stream falls silent, but for pings. {@code after}</td></tr>
 * <tr><td>{@code reset}</td><td>The connection is reset: before the headers, or {@code after} n events.</td></tr>
 * <tr><td>{@code cut}</td><td>The connection closes without the terminal event; with {@code clean: true} the HTTP
 *   body ends as it should. {@code after}</td></tr>
 * <tr><td>{@code stream_error}</td><td>An error event, and the end. Its value is the type ({@code overloaded_error});
 *   {@code message}, {@code after}. An answer that is not streamed gets the status of that type.</td></tr>
 * <tr><td>{@code status}</td><td>That status (400 to 599) instead of an answer; {@code error} (the type),
 *   {@code message}, {@code retry_after} (seconds or an HTTP date), {@code retry_after_ms},
 *   {@code should_retry}.</td></tr>
 * <tr><td>{@code malformed_event}</td><td>An event that is broken, in between; {@code data} is what stands in it,
 *   {@code after}</td></tr>
 * <tr><td>{@code split_characters}</td><td>Each byte of a character of several comes alone.</td></tr>
 * <tr><td>{@code huge}</td><td>The text is so many characters long: its value (up to 100,000,000), or 1
 *   MiB.</td></tr>
 * </table>
 *
 * <p>To a chat completion the same script answers in OpenAI's words: reasoning as {@code reasoning_content}, the stop reasons as
 * {@code stop}, {@code tool_calls} and {@code length}, a {@code refusal} as deltas of that name, pings as comments, errors with
 * OpenAI's types unless the rule names one.
 *
 * <p><b>Threading.</b> Immutable but for the counts of {@code times}, which any thread may take from. A script counts
 * for all servers that use it, so each should have its own.
 */
public final class Script {
    private static final String EXAMPLE = "example-script.yaml";

    private final List<ScriptRule> rules;

    private Script(List<ScriptRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * The script in that text.
     *
     * @param name of the file, for error messages
     * @throws ScriptException if it is wrong; the message names line and key
     */
    public static Script parse(String yaml, String name) {
        return new Script(ScriptReader.read(YamlNode.parse(yaml, name)));
    }

    /**
     * The script in that file.
     *
     * @throws ScriptException if it is wrong; the message names file, line and key
     * @throws UncheckedIOException if it cannot be read
     */
    public static Script load(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the script " + file + ": " + e.getMessage(), e);
        }
    }

    /** The text of a script that shows what can be written, every kind of fault included. */
    public static String example() {
        try (InputStream in = Script.class.getResourceAsStream(EXAMPLE)) {
            if (in == null) {
                throw new IllegalStateException(EXAMPLE + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many rules there are. */
    public int size() {
        return rules.size();
    }

    /**
     * Answers by the rules.
     *
     * @param defaults hold where neither a rule nor the script says anything
     */
    Responder responder(Reply.Pacing defaults) {
        List<Responder> responders =
                rules.stream().map(rule -> rule.responder(defaults)).toList();
        return request -> {
            for (Responder responder : responders) {
                Answer answer = responder.answer(request);
                if (answer != null) {
                    return answer;
                }
            }
            return null;
        };
    }
}
