package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReservedPropertiesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    processing.guarantee=at_least_once         | only exactly_once_v2 is legal: with less, a crash loses or doubles
                    processing.guarantee=exactly_once          | only exactly_once_v2 is legal
                    group.protocol=streams                     | only classic is legal: static membership
                    consumer.group.protocol=consumer           | only classic is legal
                    auto.offset.reset=latest                   | only earliest is legal: a request that came before the first worker
                    main.consumer.auto.offset.reset=none       | only earliest is legal
                    bootstrap.servers=x:1                      | set bootstrap.servers, without the prefix
                    state.dir=/tmp/x                           | set state.dir, without the prefix
                    application.id=x                           | made of deployment, lane and instance.id
                    group.id=x                                 | made of deployment, lane and instance.id
                    main.consumer.group.instance.id=x          | made of deployment, lane and instance.id
                    producer.transactional.id=x                | made of deployment, lane and instance.id
                    producer.acks=1                            | exactly-once processing rests on it
                    acks=all                                   | exactly-once processing rests on it
                    enable.idempotence=false                   | exactly-once processing rests on it
                    consumer.enable.auto.commit=true           | exactly-once processing rests on it
                    isolation.level=read_uncommitted           | exactly-once processing rests on it
                    transaction.two.phase.commit.enable=true   | exactly-once processing rests on it
                    producer.retries=0                         | only 1 or more is legal
                    max.in.flight.requests.per.connection=9    | the order of what is written rests on it
                    producer.max.request.size=1048576          | only 8454144 or more is legal: a record may have 8 MiB
                    producer.max.request.size=many             | only 8454144 or more is legal
                    buffer.memory=1000000                      | only 16908288 or more is legal: a record may have 8 MiB
                    default.timestamp.extractor=x.Y            | the order in which a lane reads its topics rests on it
                    partition.assignment.strategy=x.Y          | Kafka Streams assigns partitions by its own
                    partitioner.class=x.Y                      | an agent's partition is the one that Java clients choose
                    partitioner.ignore.keys=true               | an agent's partition is the one that Java clients choose
                    key.serializer=x.Y                         | the format of records is part of the contract
                    value.deserializer=x.Y                     | the format of records is part of the contract
                    default.value.serde=x.Y                    | the format of records is part of the contract
                    processing.exception.handler=x.Y           | must stop its lane, not be passed over
                    production.exception.handler=x.Y           | must stop its lane, not be passed over
                    deserialization.exception.handler=x.Y      | must stop its lane, not be passed over
                    topic.cleanup.policy=delete                | only compact is legal: a changelog that is not compacted
                    topic.max.message.bytes=1048588            | only 8388608 or more is legal
                    internal.leave.group.on.close=true         | Kafka keeps it for itself
                    main.consumer.internal.auto.offset.reset.by.duration=x | Kafka keeps it for itself
                    """)
    void whatAGuaranteeRestsOnIsRefusedWithKeyAndReason(String setting, String reason) {
        String key = "kafka." + setting.substring(0, setting.indexOf('='));
        String value = setting.substring(setting.indexOf('=') + 1);

        assertThatThrownBy(() -> ConfigLoader.load(Map.of(key, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + " (program) cannot be used: ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "processing.guarantee=exactly_once_v2",
                "group.protocol=classic",
                "auto.offset.reset=earliest",
                "producer.retries=5",
                "producer.max.request.size=9000000",
                "topic.cleanup.policy=compact",
                "topic.segment.bytes=1048576",
                "num.stream.threads=4",
                "num.standby.replicas=0",
                "commit.interval.ms=100",
                "main.consumer.max.poll.records=500",
                "main.consumer.session.timeout.ms=30000",
                "producer.linger.ms=5",
                "producer.transaction.timeout.ms=30000",
                "compression.type=zstd",
                "client.rack=a",
                "replication.factor=3",
                "task.timeout.ms=600000",
                "security.protocol=SASL_SSL"
            })
    void whatIsSafeIsFree(String setting) {
        String property = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(setting.indexOf('=') + 1);

        assertThat(ConfigLoader.load(Map.of("kafka." + property, value)).kafka())
                .containsEntry(property, value);
    }

    /** A release of Kafka that renames one of them would silently set it free. */
    @Test
    void eachReservedPropertyIsOneOfThisKafkas() {
        Set<String> known = new TreeSet<>(List.of("topic.cleanup.policy", "topic.max.message.bytes"));
        Stream.of(
                        StreamsConfig.configDef().names(),
                        ConsumerConfig.configNames(),
                        ProducerConfig.configNames(),
                        AdminClientConfig.configNames())
                .forEach(known::addAll);

        assertThat(ReservedProperties.RULES)
                .extracting(ReservedProperties.Rule::property)
                .doesNotHaveDuplicates()
                .allSatisfy(property -> assertThat(known).contains(property));
    }
}
