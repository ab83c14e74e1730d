package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose own model does not answer, and whose fallback speaks another provider's API. */
@ExtendWith(SharedBroker.class)
@Timeout(180)
class FallbackIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void theFallbackAnswersAlsoWhereTheWorkerIsRestartedWhileItDoes(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var own = model("- {fault: {status: 429, retry_after: 3600}}");
                var spare = model("[{times: 1, fault: hang_before_headers}, {answer: Here I am.}]");
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies())) {
            var config = deployment.config(
                    "w",
                    own.baseUrl(),
                    "lanes",
                    "chat",
                    "drain.ms",
                    "100",
                    "llm.fallbacks",
                    "spare",
                    "llm.fallback.spare.provider",
                    "openai",
                    "llm.fallback.spare.base.url",
                    spare.baseUrl().toString(),
                    "llm.fallback.spare.model",
                    "small");
            try (var _ = Deployment.start(config)) {
                deployment.chat("ada", "t", "r1", "hello");
                await().atMost(LIMIT).until(() -> spare.inFlight() == 1);
            }
            try (var _ = Deployment.start(config)) {
                var reply = seen.await(
                        "the reply", LIMIT, record -> record.text("runId").equals("r1"));

                assertThat(reply.text("type")).isEqualTo("RUN_FINISHED");
                assertThat(reply.json().at("/result/model").asString()).isEqualTo("small");
                assertThat(reply.json().at("/result/provider").asString()).isEqualTo("openai");
                assertThat(reply.json().at("/result/target").asString()).isEqualTo("spare");
            }
            assertThat(own.calls()).as("asked first by either worker").isEqualTo(2);
            var history = deployment.history();
            SchemaRules.check(history);
            assertThat(Checker.check(history, Circumstances.DRAINED).violations())
                    .isEmpty();
        }
    }

    private static ScriptedModelServer model(String yaml) {
        return ScriptedModelServer.start(
                ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(yaml, "fallback")));
    }
}
