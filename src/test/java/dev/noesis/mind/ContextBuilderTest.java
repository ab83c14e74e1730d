package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.ContextBuilder.Context;
import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Finding;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.model.Message;
import dev.noesis.model.Message.Role;
import dev.noesis.model.Reaction;
import dev.noesis.model.RunSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextBuilderTest {
    private static final Attempt A0 = new Attempt(0, 0);
    private static final Attempt A1 = new Attempt(0, 1);
    private static final Writer CHAT = Writer.chat("c1");
    private static final ContextBuilder ROOMY = new ContextBuilder("Be kind.", 100_000);

    private final TestLog log = new TestLog();

    @BeforeEach
    void aLaneOwnsThePartition() {
        log.append(CHAT.barrier());
    }

    @Test
    void theModelIsShownTheThreadOldestFirst() {
        turn("r1", "one", "uno");
        turn("r2", "two", "due");
        log.append(CHAT.opened("elsewhere", "t2", "not here"));
        log.append(CHAT.opened("r3", "t1", "three"));

        Context context = build(ROOMY, "r3");

        assertThat(context.system()).isEqualTo("Be kind.");
        assertThat(context.messages()).extracting(Message::text).containsExactly("one", "uno", "two", "due", "three");
    }

    @Test
    void whatAHeartbeatWantsToldIsToldInTheNextConversationAndNamedAsWhatItIs() {
        Writer beat = Writer.heartbeat("h1");
        log.append(beat.barrier());
        log.append(beat.raised("k1", pressing("f1")));
        log.append(CHAT.opened("r1", "t1", "hello"));
        log.append(CHAT.opened("r2", "t2", "hello"));

        Context context = build(ROOMY, "r1");
        assertThat(context.system())
                .contains("from your heartbeat and not from the user")
                .contains("- (high) a mail f1");
        assertThat(context.messages())
                .as("it is nobody's message")
                .extracting(Message::text)
                .containsExactly("hello");
        assertThat(build(ROOMY, "r2").system()).as("it is told once").isEqualTo("Be kind.");
    }

    @Test
    void whatIsSettledOrTooOldIsNotTold() {
        Writer beat = Writer.heartbeat("h1");
        log.append(beat.barrier());
        log.append(beat.raised("k1", pressing("f1"), pressing("f2")));
        log.append(beat.reacted("f1", Reaction.RESOLVE, 3));
        log.append(CHAT.opened("r1", "t1", "hello"));
        assertThat(build(ROOMY, "r1").system()).contains("a mail f2").doesNotContain("a mail f1");

        log.append(beat.raised("k2", pressing("f3")));
        log.pass(Duration.ofDays(3).toMillis());
        log.append(CHAT.opened("r2", "t2", "hello"));

        assertThat(build(ROOMY, "r2").system()).isEqualTo("Be kind.");
    }

    private static Finding pressing(String fingerprint) {
        return new Finding(fingerprint, "signals", "mail", "a mail " + fingerprint, Urgency.HIGH, true, null);
    }

    @Test
    void whatFitsIsTheNewestWholeTurns() {
        turn("r1", "a".repeat(4_000), "b".repeat(4_000));
        turn("r2", "c".repeat(4_000), "d".repeat(4_000));
        log.append(CHAT.opened("r3", "t1", "e".repeat(4_000)));

        // 1,000 tokens a message and a little: three fit, which is the newest turn and the one before
        List<Message> shown = build(new ContextBuilder("", 3_100), "r3").messages();
        assertThat(shown).extracting(m -> m.text().charAt(0)).containsExactly('c', 'd', 'e');

        // two would fit, but half a turn is none
        assertThat(build(new ContextBuilder("", 2_900), "r3").messages())
                .extracting(m -> m.text().charAt(0))
                .containsExactly('e');
    }

    @Test
    void noOlderTurnIsShownWhereANewerOneDidNotFit() {
        turn("r1", "small", "small");
        turn("r2", "c".repeat(40_000), "large");
        log.append(CHAT.opened("r3", "t1", "now"));

        assertThat(build(new ContextBuilder("", 5_000), "r3").messages())
                .extracting(Message::text)
                .containsExactly("now");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void theTurnInProgressIsShownHoweverLong(int maxTokens) {
        turn("r1", "one", "uno");
        log.append(CHAT.opened("r2", "t1", "x".repeat(100_000)));
        log.append(CHAT.asked("r2", 0, A0, "a"));
        log.append(CHAT.tool("r2", 0, "a", "y".repeat(100_000)));

        assertThat(build(new ContextBuilder("", maxTokens), "r2").messages()).hasSize(3);
    }

    @Test
    void aThreadOfAThousandTurnsShowsWhatFits() {
        for (int i = 0; i < 1_000; i++) {
            turn("r" + i, "question " + i + " " + "x".repeat(100), "answer " + i + " " + "x".repeat(100));
        }
        log.append(CHAT.opened("now", "t1", "and now?"));

        List<Message> shown = build(new ContextBuilder("", 5_000), "now").messages();

        assertThat(shown).hasSizeBetween(100, 300);
        assertThat(shown.getLast().text()).isEqualTo("and now?");
        assertThat(shown.get(shown.size() - 2).text()).startsWith("answer 999 ");
        assertThat(shown.getFirst().role()).isEqualTo(Role.USER);
    }

    // ---- tools

    @Test
    void toolCallsAreKeptWithTheirResults() {
        log.append(CHAT.opened("r1", "t1", "look it up"));
        log.append(CHAT.asked("r1", 0, A0, "a", "b"));
        log.appendAll(CHAT.tool("r1", 0, "b", "2"), CHAT.tool("r1", 0, "a", "1"));
        log.append(CHAT.answered("r1", 1, A1, "both"));
        log.append(CHAT.opened("r2", "t1", "thanks"));

        List<Message> shown = build(ROOMY, "r2").messages();

        assertThat(shown)
                .extracting(Message::role)
                .containsExactly(Role.USER, Role.ASSISTANT, Role.USER, Role.ASSISTANT, Role.USER);
        assertThat(unanswered(shown)).isEmpty();
    }

    @Test
    void toolCallsThatWereNeverAnsweredAreLeftOut() {
        log.append(CHAT.opened("r1", "t1", "look it up"));
        log.append(CHAT.asked("r1", 0, A0, "a", "b"));
        log.append(CHAT.tool("r1", 0, "a", "1"));
        log.append(CHAT.cancelled("r1", "t1"));
        log.append(CHAT.opened("r2", "t1", "never mind"));

        List<Message> shown = build(ROOMY, "r2").messages();

        assertThat(shown).extracting(Message::text).containsExactly("look it up", "never mind");
        assertThat(unanswered(shown)).isEmpty();
    }

    @Test
    void whatWasAnsweredBeforeTheDanglingCallsIsKept() {
        log.append(CHAT.opened("r1", "t1", "look it up"));
        log.append(CHAT.asked("r1", 0, A0, "a"));
        log.append(CHAT.tool("r1", 0, "a", "1"));
        log.append(CHAT.asked("r1", 1, A1, "b"));
        log.append(CHAT.expired("r1", "t1"));
        log.append(CHAT.opened("r2", "t1", "and?"));

        List<Message> shown = build(ROOMY, "r2").messages();

        assertThat(shown).hasSize(4);
        assertThat(unanswered(shown)).isEmpty();
    }

    // ---- the system prompt

    @Test
    void instructionsAndContextStandBelowThePromptLabelled() {
        RunSpec plain = Specs.spec();
        RunSpec spec = new RunSpec(
                plain.requestedAt(),
                plain.deadlineAt(),
                plain.maxSteps(),
                plain.rememberMs(),
                null,
                null,
                null,
                List.of(),
                null,
                List.of("Answer in verse."),
                List.of(new RunSpec.ContextItem("the page", "about cats")),
                null,
                null,
                null);
        log.append(CHAT.opened("r1", "t1", "hello", spec));

        assertThat(build(ROOMY, "r1").system())
                .isEqualTo("Be kind.\n\nAnswer in verse.\n\nContext from the client, the page:\nabout cats");
        assertThat(build(new ContextBuilder("", 100), "r1").system()).startsWith("Answer in verse.");
    }

    @Test
    void factsOfOtherThreadsAreShownWhereTheyAreAskedFor() {
        log.append(CHAT.opened("r1", "t1", "I like blue"));
        log.append(CHAT.asked("r1", 0, A0, "a", "b"));
        log.append(CHAT.tool("r1", 0, "a", "ok", Facts.write("favourite colour", "Ada likes blue")));
        log.append(CHAT.tool("r1", 0, "b", "ok", Facts.write("dinner", "Ada eats at eight")));
        log.append(CHAT.answered("r1", 1, A1, "noted"));

        log.append(CHAT.opened("r2", "t2", "what is my favourite colour?"));
        log.append(CHAT.opened("r3", "t3", "good morning"));

        assertThat(build(ROOMY, "r2").system())
                .contains("Memory:", "favourite colour: Ada likes blue", "learned by the model")
                .doesNotContain("eight");
        assertThat(build(ROOMY, "r3").system()).isEqualTo("Be kind.");
    }

    private Context build(ContextBuilder builder, String run) {
        return builder.build(log.cognition(), ADA, log.run(run));
    }

    private void turn(String run, String question, String answer) {
        log.appendAll(CHAT.opened(run, "t1", question), CHAT.answered(run, 0, A0, answer));
    }

    /** Ids of tool calls without a result behind them; a provider refuses a conversation that has any. */
    private static Set<String> unanswered(List<Message> messages) {
        Set<String> open = new HashSet<>();
        for (Message message : messages) {
            for (Content block : message.content()) {
                if (block instanceof Content.ToolUse use) {
                    open.add(use.id());
                } else if (block instanceof Content.ToolResult result) {
                    assertThat(open.remove(result.toolUseId())).isTrue();
                }
            }
        }
        return open;
    }
}
