package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.LlmTarget;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalNoticeTest {
    private static final LlmOutcome ANSWER = new LlmOutcome.Completed(List.of(), "end_turn", Usage.NONE, "m");
    private static final LlmRequest REQUEST = null;
    private static final LlmTarget PRIMARY =
            ConfigLoader.load(Map.of()).chat().targets().getFirst();

    private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalNotice.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private final List<LlmOutcome> heard = new ArrayList<>();
    private LlmOutcome next = ANSWER;
    private final LlmClient refused = new LlmClient() {
        @Override
        public LlmCall start(LlmRequest request, LlmListener listener) {
            listener.onText("a");
            listener.onEnd(next);
            return null;
        }

        @Override
        public void close() {
            heard.add(null);
        }
    };
    private final LlmClient client = new RefusalNotice(Lane.CHAT, PRIMARY, refused);

    @BeforeEach
    void listen() {
        told.start();
        logger.addAppender(told);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(told);
    }

    @Test
    void aWrongKeyIsToldOnceHoweverManyCallsItFails() {
        for (int i = 0; i < 100; i++) {
            call(refusal(401));
        }

        assertThat(told.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getFormattedMessage()).contains("llm.api.key", "model_rejected");
            assertThat(event.getKeyValuePairs().toString()).contains("lane=\"chat\"", "401");
        });
        assertThat(heard).hasSize(100).containsOnly(refusal(401));
    }

    @Test
    void itIsToldAgainAfterCallsWereTakenOrForAnotherReason() {
        call(refusal(401));
        call(refusal(403));
        call(ANSWER);
        call(refusal(403));

        assertThat(told.list).hasSize(3);
    }

    @Test
    void whatPassesOrIsTheCallsOwnFaultIsNotTold() {
        for (int status : new int[] {0, 400, 413, 429, 500, 529}) {
            call(refusal(status));
        }
        call(new LlmOutcome.Cancelled(Usage.NONE));

        assertThat(told.list).isEmpty();
    }

    @Test
    void aFallbackThatIsRefusedIsToldByItsOwnKeys() {
        LlmTarget spare = ConfigLoader.load(Map.of("llm.fallbacks", "spare", "llm.fallback.spare.model", "m"))
                .chat()
                .targets()
                .getLast();

        call(new RefusalNotice(Lane.CHAT, spare, refused), refusal(404));

        assertThat(told.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage())
                    .contains("llm.fallback.spare.model", "llm.fallback.spare.base.url")
                    .doesNotContain("model_rejected");
            assertThat(event.getKeyValuePairs().toString()).contains("target=\"spare\"");
        });
    }

    private void call(LlmOutcome outcome) {
        call(client, outcome);
    }

    private void call(LlmClient called, LlmOutcome outcome) {
        next = outcome;
        called.start(REQUEST, new LlmListener() {
            @Override
            public void onText(String delta) {
                assertThat(delta).isEqualTo("a");
            }

            @Override
            public void onReasoning(String delta) {}

            @Override
            public void onToolStart(int index, String id, String name) {}

            @Override
            public void onToolArguments(int index, String delta) {}

            @Override
            public void onToolEnd(int index) {}

            @Override
            public void onEnd(LlmOutcome outcome) {
                heard.add(outcome);
            }
        });
    }

    private static LlmOutcome refusal(int status) {
        return new LlmOutcome.Failed(
                new LlmFailure(Kind.HTTP_STATUS, "HTTP " + status, status, null, null, null), Usage.NONE, false);
    }
}
