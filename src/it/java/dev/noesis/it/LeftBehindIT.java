package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.Seen;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.model.Lane;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicException;
import dev.noesis.topics.TopicProblem;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a worker finds when it starts is not what the last one left: offsets, state, topics, and others of its name. */
@ExtendWith(SharedBroker.class)
@Timeout(180)
class LeftBehindIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    @Test
    void nothingIsAnsweredTwiceWhenOffsetsAndStateAreGone(EmbeddedBroker broker) throws Exception {
        try (var model = model(null);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var admin = admin(broker);
                var replies = deployment.tail(deployment.topics().chatReplies())) {
            String group = deployment.topics().applicationId(Lane.CHAT);
            answer(deployment, model, replies, "first");

            admin.deleteConsumerGroups(List.of(group)).all().get();
            assertThat(answer(deployment, model, replies, "offsets-removed")).isPositive();

            setBack(admin, group);
            assertThat(answer(deployment, model, replies, "offsets-set-back")).isPositive();

            remove(dir.resolve("w"));
            assertThat(answer(deployment, model, replies, "state-removed")).isZero();

            assertThat(replies.toEnd())
                    .extracting(reply -> reply.text("runId"))
                    .containsExactly("first", "offsets-removed", "offsets-set-back", "state-removed");
            assertThat(model.calls()).isEqualTo(4);
            assertThat(Checker.check(deployment.history(), Circumstances.DRAINED)
                            .violations())
                    .isEmpty();
        }
    }

    @Test
    void aLaneWithoutItsChangelogIsNotStarted(EmbeddedBroker broker) throws Exception {
        try (var model = model(null);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var admin = admin(broker);
                var replies = deployment.tail(deployment.topics().chatReplies())) {
            answer(deployment, model, replies, "first");
            String changelog = deployment.topics().changelog(Lane.CHAT);
            delete(admin, changelog);

            assertThatThrownBy(() -> Worker.start(deployment.config("w", model.baseUrl())))
                    .isInstanceOf(TopicException.class)
                    .hasMessageStartingWith(changelog + " is missing, and the group "
                            + deployment.topics().applicationId(Lane.CHAT) + " has read on");
        }
    }

    @Test
    void aChangedPartitionCountIsRefusedAndBothCountsAreNamed(EmbeddedBroker broker) throws Exception {
        try (var model = model(null);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var admin = admin(broker);
                var replies = deployment.tail(deployment.topics().chatReplies())) {
            Topics topics = deployment.topics();
            answer(deployment, model, replies, "first");

            grow(admin, List.of(topics.mindLog()));
            assertThat(problems(broker, topics))
                    .singleElement()
                    .satisfies(sentence -> assertThat(sentence)
                            .contains("have 2 partitions, " + topics.mindLog() + " has 3 partitions"));

            grow(
                    admin,
                    topics.specs().stream()
                            .map(spec -> spec.name())
                            .filter(name -> !name.equals(topics.mindLog()))
                            .toList());
            String changed = "the topics had 2 partitions when the lane of " + topics.changelog(Lane.CHAT)
                    + " last ran, and have 3 now";
            assertThat(problems(broker, topics))
                    .singleElement()
                    .satisfies(sentence -> assertThat(sentence)
                            .startsWith(changed)
                            .endsWith("Go back to topics with 2 partitions, or use another deployment"));
            assertThatThrownBy(() -> Worker.start(deployment.config("w", model.baseUrl())))
                    .isInstanceOf(TopicException.class)
                    .hasMessageStartingWith(changed);
        }
    }

    @Test
    void aLogThatWasMadeAnewStopsTheLanesWhichNameBothOffsets(EmbeddedBroker broker) throws Exception {
        try (var model = model(null);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var admin = admin(broker);
                var replies = deployment.tail(deployment.topics().chatReplies())) {
            Topics topics = deployment.topics();
            answer(deployment, model, replies, "first");
            delete(admin, topics.mindLog());
            new TopicAdmin(Map.of("bootstrap.servers", broker.bootstrapServers()), LIMIT)
                    .create(topics.specs(), Deployment.PARTITIONS, 0);

            try (var worker = Worker.start(deployment.config("w", model.baseUrl(), "lanes", "chat"))) {
                await().atMost(LIMIT).until(() -> worker.failed().isDone());
                assertThat(worker.failed().join())
                        .containsPattern(
                                "mind\\.log ends before what was folded: this task's barrier stands at offset \\d+,"
                                        + " and the store was folded up to offset \\d+; the log was lost or made anew");
            }
        }
    }

    @Test
    void whoeverComesLaterTakesAnInstanceIdAndTheOtherLaneGoesOn(EmbeddedBroker broker) {
        try (var model = model(null);
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var seen = deployment.tail(
                        deployment.topics().chatReplies(), deployment.topics().heartbeatOutcomes());
                var first = Deployment.start(deployment.config("first", model.baseUrl(), "instance.id", "one"));
                var _ = Deployment.start(
                        deployment.config("second", model.baseUrl(), "instance.id", "one", "lanes", "chat"))) {
            var chat = first.lanes().getFirst();
            await().atMost(LIMIT).until(() -> chat.failed().isDone());

            assertThat(chat.failed().join())
                    .isEqualTo("another worker has taken the place of this one in the chat lane's group: both have the"
                            + " instance.id one; give each worker an instance.id of its own");
            deployment.chat("ada", "t", "r1", "hello");
            seen.await("the reply", LIMIT, record -> record.text("runId").equals("r1"));
            deployment.send(deployment.topics().heartbeatTicks(), "ada", Inputs.tick("k1"));
            seen.await("the outcome", LIMIT, record -> record.text("tickId").equals("k1"));
            assertThat(first.failed()).isNotDone();
        }
    }

    @Test
    void twoDeploymentsOnOneBrokerShareNothing(EmbeddedBroker broker) {
        try (var model = model(null);
                var one = Deployment.create(broker.bootstrapServers(), dir.resolve("one"));
                var other = Deployment.create(broker.bootstrapServers(), dir.resolve("other"));
                var ofOne = one.tail(one.topics().chatReplies());
                var ofOther = other.tail(other.topics().chatReplies());
                var _ = Deployment.start(one.config("w", model.baseUrl(), "instance.id", "w"));
                var _ = Deployment.start(other.config("w", model.baseUrl(), "instance.id", "w"))) {
            one.chat("ada", "t", "r1", "remember that the ferry leaves at nine");
            reply(ofOne, "r1");
            other.chat("ada", "t", "r1", "what do you know about the ferry");

            assertThat(reply(ofOther, "r1").json().toString()).doesNotContain("nine");
            one.chat("ada", "t", "r2", "what do you know about the ferry");
            assertThat(reply(ofOne, "r2").json().toString()).contains("nine");
            assertThat(Checker.check(one.history(), Circumstances.DRAINED).violations())
                    .isEmpty();
            assertThat(Checker.check(other.history(), Circumstances.DRAINED).violations())
                    .isEmpty();
        }
    }

    @Test
    void aWrongKeyEndsTheRunAndIsNotShown(EmbeddedBroker broker) {
        String secret = "sk-wrong-4711";
        try (var model = model("right");
                var deployment = Deployment.create(broker.bootstrapServers(), dir);
                var replies = deployment.tail(deployment.topics().chatReplies());
                var _ = Deployment.start(
                        deployment.config("w", model.baseUrl(), "llm.api.key", secret, "lanes", "chat"))) {
            deployment.chat("ada", "t", "r1", "hello");

            Seen reply = reply(replies, "r1");
            assertThat(reply.text("code")).isEqualTo("model_rejected");
            assertThat(reply.text("message")).contains("401").doesNotContain(secret);
            // asked once: what was refused is refused again
            assertThat(reply.json().path("usage").path("totalTokens").asLong()).isZero();
        }
    }

    /** Starts the lane, has it answer one run, and stops it; how many inputs it skipped as taken before. */
    private static double answer(Deployment deployment, ScriptedModelServer model, Tail replies, String runId) {
        var registry = new SimpleMeterRegistry();
        var config = deployment.config("w", model.baseUrl(), "lanes", "chat");
        try (var worker =
                Worker.start(config, (lane, target) -> new NettyLlmClient(lane.id(), target.llm()), registry)) {
            Deployment.awaitReady(worker);
            deployment.chat("ada", "t", runId, "hello");
            reply(replies, runId);
            return registry.find("noesis.inputs.skipped").counters().stream()
                    .mapToDouble(Counter::count)
                    .sum();
        }
    }

    private static Seen reply(Tail replies, String runId) {
        return replies.await(
                "the reply of " + runId, LIMIT, record -> record.text("runId").equals(runId));
    }

    private static List<String> problems(EmbeddedBroker broker, Topics topics) {
        return new TopicAdmin(Map.of("bootstrap.servers", broker.bootstrapServers()), LIMIT)
                .check(topics).problems().stream().map(TopicProblem::sentence).toList();
    }

    private static void setBack(Admin admin, String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> start = new HashMap<>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .keySet()
                .forEach(partition -> start.put(partition, new OffsetAndMetadata(0)));
        admin.alterConsumerGroupOffsets(group, start).all().get();
    }

    private static void grow(Admin admin, List<String> topics) throws ExecutionException, InterruptedException {
        Map<String, NewPartitions> more = new HashMap<>();
        topics.forEach(topic -> more.put(topic, NewPartitions.increaseTo(Deployment.PARTITIONS + 1)));
        admin.createPartitions(more).all().get();
        await().until(() -> admin.describeTopics(topics).allTopicNames().get().values().stream()
                .allMatch(topic -> topic.partitions().size() == Deployment.PARTITIONS + 1));
    }

    private static void delete(Admin admin, String topic) throws ExecutionException, InterruptedException {
        admin.deleteTopics(List.of(topic)).all().get();
        await().until(() -> !admin.listTopics().names().get().contains(topic));
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static ScriptedModelServer model(@Nullable String apiKey) {
        var options = ScriptedModelServer.Options.defaults().instant();
        return ScriptedModelServer.start(apiKey == null ? options : options.withApiKey(apiKey));
    }
}
