package dev.noesis.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.demo.EmbeddedBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TopicAdminIT {
    private EmbeddedBroker broker;
    private TopicAdmin admin;

    @BeforeAll
    void start() {
        broker = EmbeddedBroker.start();
        admin = new TopicAdmin(Map.of("bootstrap.servers", broker.bootstrapServers()), Duration.ofSeconds(15));
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Test
    void topicsAreMadeOnceAndAreThenAsTheyShouldBe() {
        List<TopicSpec> specs = new Topics("once").specs();

        TopicAdmin.Creation first = admin.create(specs, 3, 0);
        TopicAdmin.Creation second = admin.create(specs, 3, 0);

        assertThat(first.made()).hasSize(specs.size());
        assertThat(first.replicas()).isEqualTo(1);
        assertThat(second.made()).isEmpty();
        assertThat(second.existed()).hasSize(specs.size());
        assertThat(admin.check(new Topics("once"))).isEqualTo(new TopicAdmin.Report(List.of(), List.of(), 3));
        assertThat(admin.partitions(List.of("once.mind.log", "once.chat.replies")))
                .isEqualTo(3);
    }

    @Test
    void whatIsMissingIsMadeAndWhatHasOtherPartitionsStopsIt() throws Exception {
        List<TopicSpec> specs = new Topics("part").specs();
        make(new NewTopic("part.mind.log", 2, (short) 1));

        assertThatThrownBy(() -> admin.create(specs, 3, 0))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("part.mind.log has 2 partitions already, and topics.partitions asks for 3");
        assertThat(admin.create(specs, 2, 0).existed()).containsExactly("part.mind.log");
        assertThat(admin.check(new Topics("part")).problems())
                .extracting(TopicProblem::sentence)
                .containsExactly("part.mind.log has message.timestamp.type=CreateTime and must have LogAppendTime");
    }

    @Test
    void moreReplicasThanBrokersAreRefused() {
        assertThatThrownBy(() -> admin.create(new Topics("replicas").specs(), 1, 3))
                .isInstanceOf(TopicException.class)
                .hasMessage("topics.replication.factor is 3, and there is 1 broker; nothing was made");
    }

    @Test
    void partitionsOfTopicsThatAreMissingOrUnequalAreRefused() throws Exception {
        make(new NewTopic("uneven.mind.log", 2, (short) 1), new NewTopic("uneven.chat.events", 1, (short) 1));

        assertThatThrownBy(() -> admin.partitions(List.of("uneven.mind.log", "uneven.chat.events")))
                .hasMessageContaining("uneven.chat.events has 1 partition, uneven.mind.log has 2 partitions");
        assertThatThrownBy(() -> admin.partitions(List.of("uneven.chat.dlq", "uneven.mind.log")))
                .hasMessage("the topic uneven.chat.dlq is missing; `noesis topics create` makes it");
    }

    private void make(NewTopic... topics) throws Exception {
        try (var raw = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            raw.createTopics(List.of(topics)).all().get();
            List<String> names = Stream.of(topics).map(NewTopic::name).toList();
            // the controller has them, and the broker learns of them a moment later
            await().until(() -> raw.listTopics().names().get().containsAll(names));
        }
    }
}
