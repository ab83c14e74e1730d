package dev.noesis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.cli.ChatUpdate.Restarted;
import dev.noesis.cli.ChatUpdate.Text;
import dev.noesis.cli.ChatUpdate.ToolCalled;
import dev.noesis.cli.ChatUpdate.ToolReturned;
import dev.noesis.model.Usage;
import dev.noesis.serde.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ChatTerminalTest {
    private final StringWriter text = new StringWriter();
    private final StringWriter notes = new StringWriter();
    private final ChatTerminal terminal = new ChatTerminal(new PrintWriter(text), new PrintWriter(notes), false);

    @Test
    void aStreamThatTheReplyConfirmsIsShownOnce() {
        terminal.updated(new Text(0, "Hel"));
        terminal.updated(new Text(0, "lo."));
        terminal.ended(success("Hello."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Hello.\n");
        assertThat(notes.toString()).isEqualToNormalizingNewlines("success · 1 step · 3 tokens in, 4 out\n");
    }

    @Test
    void ofAReplyThatOvertookItsStreamTheRestIsShown() {
        terminal.updated(new Text(0, "Hel"));
        terminal.ended(success("Hello."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Hello.\n");
    }

    @Test
    void anAnswerThatWasNotStreamedIsShown() {
        terminal.ended(success("Hello."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Hello.\n");
    }

    @Test
    void theReplyStandsInPlaceOfAStreamThatDiffers() {
        terminal.updated(new Text(0, "Good"));
        terminal.ended(success("Hello."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Good\nHello.\n");
        assertThat(notes.toString()).contains("(the answer as it counts:)");
    }

    @Test
    void whatWasVoidedDoesNotCount() {
        terminal.updated(new Text(0, "Good"));
        terminal.updated(new Restarted(0));
        terminal.updated(new Text(0, "Hello."));
        terminal.ended(success("Hello."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Good\nHello.\n");
        assertThat(notes.toString()).contains("(step 1 starts over)").doesNotContain("as it counts");
    }

    @Test
    void aReplyMayHoldTheLastStepsTextOrAll() {
        terminal.updated(new Text(0, "Let me look."));
        terminal.updated(new ToolCalled(0, "c", "recall", "{\"q\":\"tea\"}"));
        terminal.updated(new ToolReturned(0, "c", "green\n  tea"));
        terminal.updated(new Text(1, "Green."));
        terminal.ended(success("Green."));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Let me look.\nGreen.\n");
        assertThat(notes.toString()).contains("→ recall {\"q\":\"tea\"}", "← green tea");
    }

    @Test
    void controlCharactersOfAnAnswerDoNotReachTheTerminal() {
        terminal.updated(new Text(0, "a\u001b[2Jb\r\tc\u0007"));

        assertThat(text.toString()).isEqualTo("a[2Jb\tc");
    }

    @Test
    void aFailureSaysItsCode() {
        terminal.updated(new Text(0, "Hel"));
        terminal.ended(new ChatReply.Failed("r", "model_unavailable", "no model answered"));

        assertThat(text.toString()).isEqualToNormalizingNewlines("Hel\n");
        assertThat(notes.toString()).isEqualToNormalizingNewlines("failed: model_unavailable: no model answered\n");
    }

    @Test
    void aReplyIsReadAsTheContractSays() {
        ChatReply reply = ChatReply.of(Json.tree("""
                {"type":"RUN_FINISHED","threadId":"t","runId":"r","outcome":{"type":"cancelled","reason":"enough"},
                 "result":{"messages":[{"id":"1","role":"assistant","content":"Let me "},
                                       {"id":"2","role":"tool","content":"x","toolCallId":"c"},
                                       {"id":"3","role":"assistant"},
                                       {"id":"4","role":"assistant","content":"see."}],
                           "stopReason":"end_turn","steps":2,"attempts":3},
                 "usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7,"cacheReadTokens":1,"cacheWriteTokens":2}}
                """));

        assertThat(reply)
                .isEqualTo(
                        new ChatReply.Finished("r", "cancelled", "enough", "Let me see.", 2, 3, new Usage(3, 4, 1, 2)));
        assertThat(ChatReply.of(Json.tree(
                        "{\"type\":\"RUN_ERROR\",\"runId\":\"r\",\"message\":\"m\",\"code\":\"overloaded\"}")))
                .isEqualTo(new ChatReply.Failed("r", "overloaded", "m"));
        assertThat(ChatReply.of(Json.tree("{\"type\":\"SOMETHING\"}"))).isNull();
    }

    private static ChatReply success(String answer) {
        return new ChatReply.Finished("r", "success", null, answer, 1, 1, new Usage(3, 4, 0, 0));
    }
}
