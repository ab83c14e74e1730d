package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.LaneConfig;
import dev.noesis.config.LlmTarget;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmRequest;
import dev.noesis.model.Lane;
import dev.noesis.run.ModelTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaneClientsTest {
    private static final LaneConfig CHAT = ConfigLoader.load(Map.of(
                    "llm.fallbacks", "spare,last", "llm.fallback.spare.model", "m", "llm.fallback.last.model", "n"))
            .chat();

    private final List<String> told = new ArrayList<>();

    @Test
    void thereIsAClientForEachModelInTheOrderInWhichTheyAreAsked() {
        LaneClients clients = LaneClients.start(CHAT, this::client);

        assertThat(told).containsExactly("started primary", "started spare", "started last");
        assertThat(clients.models()).extracting(ModelTarget::name).containsExactly("primary", "spare", "last");
        assertThat(clients.models()).extracting(ModelTarget::client).doesNotHaveDuplicates();
    }

    @Test
    void theLastIsClosedFirstAndOneThatFailsKeepsNoneOpen() {
        LaneClients clients = LaneClients.start(
                CHAT,
                (lane, target) -> target.name().equals("spare")
                        ? client(lane, target, new IllegalStateException("will not close"))
                        : client(lane, target));
        told.clear();

        clients.close();

        assertThat(told).containsExactly("closed last", "closed spare", "closed primary");
    }

    @Test
    void theyAreStartedAllOrNone() {
        assertThatThrownBy(() -> LaneClients.start(CHAT, (lane, target) -> {
                    if (target.name().equals("last")) {
                        throw new IllegalStateException("will not start");
                    }
                    return client(lane, target);
                }))
                .hasMessage("will not start");

        assertThat(told).containsExactly("started primary", "started spare", "closed spare", "closed primary");
    }

    private LlmClient client(Lane lane, LlmTarget target) {
        return client(lane, target, null);
    }

    private LlmClient client(Lane lane, LlmTarget target, RuntimeException atClose) {
        assertThat(lane).isEqualTo(Lane.CHAT);
        told.add("started " + target.name());
        return new LlmClient() {
            @Override
            public LlmCall start(LlmRequest request, LlmListener listener) {
                throw new AssertionError("nobody calls");
            }

            @Override
            public void close() {
                told.add("closed " + target.name());
                if (atClose != null) {
                    throw atClose;
                }
            }
        };
    }
}
