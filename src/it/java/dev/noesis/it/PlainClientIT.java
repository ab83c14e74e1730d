package dev.noesis.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Seen;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.topics.Topics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The plainest clients: a key, a line of JSON, no headers, and a hash of their own. */
@ExtendWith(SharedBroker.class)
@Timeout(120)
class PlainClientIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void aRequestWithoutHeadersIsAnsweredWhateverPartitionItIsPutInto(EmbeddedBroker broker, @TempDir Path stateDirs) {
        try (var model = model();
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var seen = deployment.tail(deployment.topics().chatReplies());
                var _ = Deployment.start(deployment.config("w", model.baseUrl()))) {
            Topics topics = deployment.topics();
            int home = Topics.partitionOf("ada", Deployment.PARTITIONS);
            for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
                deployment.sendTo(partition, topics.chatRequests(), "ada", Inputs.chat("t1", "r" + partition, "hello"));
            }

            for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
                Seen reply = reply(seen, "r" + partition);
                assertThat(reply.text("type")).isEqualTo("RUN_FINISHED");
                assertThat(reply.partition()).isEqualTo(home);
                assertThat(reply.headers())
                        .containsEntry("ce_type", "dev.noesis.RUN_FINISHED")
                        .containsEntry("ce_id", "r" + partition)
                        .containsEntry("ce_subject", "ada")
                        .containsKey("traceparent");
            }
            assertThat(Checker.check(deployment.history(), Circumstances.DRAINED)
                            .violations())
                    .isEmpty();
        }
    }

    @Test
    void aLinePublishedWithKcatIsAnswered(EmbeddedBroker broker, @TempDir Path dir) throws Exception {
        Optional<Path> kcat = onPath("kcat");
        assumeTrue(kcat.isPresent(), "kcat is not installed");
        try (var model = model();
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var seen = deployment.tail(deployment.topics().chatReplies());
                var _ = Deployment.start(deployment.config("w", model.baseUrl()))) {
            publish(
                    kcat.get(),
                    broker.bootstrapServers(),
                    deployment.topics().chatRequests(),
                    Files.write(dir.resolve("line"), """
                            ada:{"threadId":"t1","runId":"r1","messages":[{"id":"m1","role":"user","content":"hello"}]}
                            """.getBytes(UTF_8)));

            assertThat(reply(seen, "r1").text("type")).isEqualTo("RUN_FINISHED");
        }
    }

    /** kcat hashes keys with CRC32: most of these records are put where no Java client would put them. */
    @Test
    void twoHundredAgentsOfKcatsOwnPartitionerAreAnsweredOnceAndInOrder(EmbeddedBroker broker, @TempDir Path dir)
            throws Exception {
        Optional<Path> kcat = onPath("kcat");
        assumeTrue(kcat.isPresent(), "kcat is not installed");
        int partitions = 16;
        int agents = 200;
        try (var model = model();
                var deployment = Deployment.create(broker.bootstrapServers(), dir, partitions);
                var requests = deployment.tail(deployment.topics().chatRequests());
                var seen = deployment.tail(deployment.topics().chatReplies());
                var _ = Deployment.start(deployment.config("w", model.baseUrl(), "lanes", "chat"))) {
            // two runs of one thread each, all first ones before all second ones
            String lines = IntStream.range(0, 2 * agents)
                    .mapToObj(i ->
                            "agent-%d:{\"threadId\":\"t\",\"runId\":\"r%d\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}%n"
                                    .formatted(i % agents, i / agents))
                    .collect(Collectors.joining());
            publish(
                    kcat.get(),
                    broker.bootstrapServers(),
                    deployment.topics().chatRequests(),
                    Files.writeString(dir.resolve("lines"), lines));

            seen.awaitAll("a reply to each", LIMIT, replies -> replies.size() >= 2 * agents);

            assertThat(requests.toEnd().stream()
                            .filter(request -> request.partition() != Topics.partitionOf(request.agent(), partitions)))
                    .as("requests that kcat put elsewhere")
                    .hasSizeGreaterThan(agents);
            for (int i = 0; i < agents; i++) {
                String agent = "agent-" + i;
                assertThat(seen.of(agent))
                        .as(agent)
                        .allSatisfy(
                                reply -> assertThat(reply.partition()).isEqualTo(Topics.partitionOf(agent, partitions)))
                        .extracting(reply -> reply.text("runId"))
                        .containsExactly("r0", "r1");
            }
            assertThat(Checker.check(deployment.history(), Circumstances.DRAINED)
                            .violations())
                    .isEmpty();
        }
    }

    private static void publish(Path kcat, String bootstrapServers, String topic, Path line)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(kcat.toString(), "-b", bootstrapServers, "-P", "-t", topic, "-K:")
                .inheritIO()
                .redirectInput(line.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static Seen reply(Tail seen, String runId) {
        return seen.await(
                "the reply of " + runId, LIMIT, record -> record.text("runId").equals(runId));
    }

    private static ScriptedModelServer model() {
        return ScriptedModelServer.start(ScriptedModelServer.Options.defaults().instant());
    }

    private static Optional<Path> onPath(String program) {
        return Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .map(dir -> Path.of(dir, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
