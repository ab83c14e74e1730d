package dev.noesis.bench.load;

import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;

/** Listens on the events topic for the first words of runs. */
final class FirstTokens implements AutoCloseable {
    private static final String CONTENT = "dev.noesis.TEXT_MESSAGE_CONTENT";

    private final KafkaConsumer<byte[], byte[]> events;
    private final Load load;
    private final Thread thread;

    /** @param partitions whose runs are heard: to read every word of thousands of runs would cost what is measured */
    FirstTokens(String servers, Topics topics, List<Integer> partitions, Load load) {
        this.events = KafkaTarget.consumer(servers, topics.chatEvents(), partitions);
        this.load = load;
        this.thread = Thread.ofPlatform().daemon().name("first-tokens").start(this::listen);
    }

    private void listen() {
        try (events) {
            while (true) {
                var polled = events.poll(Duration.ofSeconds(1));
                long now = System.nanoTime();
                for (ConsumerRecord<byte[], byte[]> event : polled) {
                    if (KafkaTarget.header(event, "ce_type").equals(CONTENT)) {
                        String id = KafkaTarget.header(event, "ce_id");
                        load.token(id.substring(0, id.indexOf('/')), now);
                    }
                }
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    @Override
    public void close() {
        events.wakeup();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
