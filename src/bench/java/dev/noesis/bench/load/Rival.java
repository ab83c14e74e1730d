package dev.noesis.bench.load;

import dev.noesis.config.ConfigLoader;
import dev.noesis.llm.netty.NettyLlmClient;
import dev.noesis.topics.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A process that answers requests in another way than the worker's, with the same client and the same records. */
public final class Rival {
    static final String READY = "rival is ready";

    private Rival() {}

    /** @param args subject, bootstrap servers, deployment, the model's URL, most in flight, state directory */
    public static void main(String[] args) throws InterruptedException {
        Subject subject = Subject.of(args[0]);
        String servers = args[1];
        Topics topics = new Topics(args[2]);
        int maxInFlight = Integer.parseInt(args[4]);
        Answering work = new Answering(client(args[3], maxInFlight), producer(servers), topics);
        switch (subject) {
            case BLOCKING -> BlockingStreams.start(servers, args[5], work, Rival::ready);
            case POOL -> new PooledConsumer(consumer(servers, subject), work, maxInFlight, Rival::ready).start();
            case PARALLEL -> ParallelWork.start(consumer(servers, subject), work, maxInFlight, Rival::ready);
            case DIRECT, NOESIS -> throw new IllegalArgumentException(args[0] + " is no rival");
        }
        new CountDownLatch(1).await();
    }

    /** The worker's client, with its settings. */
    static NettyLlmClient client(String modelUrl, int maxInFlight) {
        return new NettyLlmClient(
                "bench",
                ConfigLoader.load(Map.of("llm.base.url", modelUrl, "chat.max.in.flight", Integer.toString(maxInFlight)))
                        .chat()
                        .llm());
    }

    /** As the worker's for events. */
    private static KafkaProducer<byte[], byte[]> producer(String servers) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static Map<String, Object> consumer(String servers, Subject subject) {
        return new HashMap<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                ConsumerConfig.GROUP_ID_CONFIG,
                subject.id(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false));
    }

    private static void ready() {
        System.out.println(READY);
        System.out.flush();
    }
}
