package dev.noesis.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Kafka Streams as it is mostly written: {@code process()} calls the model and waits. Exactly once, one StreamThread. */
final class BlockingStreams extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final Answering work;

    private BlockingStreams(Answering work) {
        this.work = work;
    }

    static void start(String servers, String stateDir, Answering work, Runnable ready) {
        Topology topology = new Topology()
                .addSource(
                        "requests",
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        work.topics().chatRequests())
                .addProcessor("answer", () -> new BlockingStreams(work), "requests")
                .addSink(
                        "replies",
                        work.topics().chatReplies(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        "answer");
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, Subject.BLOCKING.id());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // as the worker's
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 20);
        settings.put(StreamsConfig.POLL_MS_CONFIG, 5);
        // A record of each partition is processed before a commit: with the 10 s that Streams has by default, the
        // broker would abort each transaction before it ends.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 120_000);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.setStateListener((now, _) -> {
            if (now == KafkaStreams.State.RUNNING) {
                ready.run();
            }
        });
        streams.start();
    }

    @Override
    public void process(Record<byte[], byte[]> request) {
        ProducerRecord<byte[], byte[]> reply =
                work.answer(new String(request.key(), UTF_8), request.value()).join();
        context().forward(new Record<>(reply.key(), reply.value(), System.currentTimeMillis(), reply.headers()));
    }
}
