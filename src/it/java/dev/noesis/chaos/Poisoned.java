package dev.noesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.it.Inputs;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Records that nobody can read: in every input topic, or on the log itself. */
record Poisoned(boolean log, int size, long seed) implements Fault {
    /** Events that lack what they need. */
    private static final List<String> NO_EVENTS = List.of(
            "{\"version\":1}",
            "{\"version\":1,\"eventId\":\"e\",\"lane\":\"chat\",\"type\":\"RunCancelled\"}",
            "{\"version\":1,\"eventId\":\"e\",\"at\":1,\"lane\":\"elsewhere\",\"type\":\"Checkpoint\",\"body\":{}}",
            "{\"version\":1,\"eventId\":\"e\",\"at\":1,\"lane\":\"chat\",\"type\":\"Barrier\",\"body\":{\"logVersion\":1}}");

    private static final int LARGE = 8 * 1024 * 1024 - 20 * 1024;

    static Fault drawInInputs(Random random, Shape shape) {
        return new Poisoned(false, 5 + random.nextInt(20), random.nextLong());
    }

    static Fault drawInLog(Random random, Shape shape) {
        return new Poisoned(true, 5 + random.nextInt(20), random.nextLong());
    }

    @Override
    public String kind() {
        return log ? "poison in the log" : "poison in inputs";
    }

    @Override
    public String what() {
        return size + " records" + (log ? "" : " a topic");
    }

    @Override
    public Set<String> needs() {
        return Set.of();
    }

    @Override
    public Duration length() {
        return Duration.ZERO;
    }

    @Override
    public void inject(Scene scene) {
        Load load = scene.load();
        RandomGenerator random = new Random(seed);
        Topics topics = load.topics();
        for (int i = 0; i < size; i++) {
            String agent = "agent-" + random.nextInt(scene.cluster().shape().agents());
            if (log) {
                load.poison(agent, value(random, NO_EVENTS));
            } else {
                for (String topic : List.of(
                        topics.chatRequests(),
                        topics.heartbeatTicks(),
                        topics.agentSignals(),
                        topics.heartbeatSchedules())) {
                    load.send(new ProducerRecord<>(topic, agent.getBytes(UTF_8), value(random, List.of())));
                }
            }
        }
        if (!log) {
            String topic = random.nextBoolean() ? topics.chatRequests() : topics.heartbeatTicks();
            load.send(new ProducerRecord<>(topic, "agent-0".getBytes(UTF_8), new byte[LARGE]));
            load.send(new ProducerRecord<>(topic, "no agent!".getBytes(UTF_8), "{}".getBytes(UTF_8)));
            load.send(new ProducerRecord<>(topic, null, "{}".getBytes(UTF_8)));
        }
    }

    private static byte @Nullable [] value(RandomGenerator random, List<String> more) {
        List<String> all = new ArrayList<>(Inputs.UNREADABLE);
        all.addAll(more);
        int draw = random.nextInt(all.size() + 2);
        if (draw == all.size()) {
            return null;
        } else if (draw > all.size()) {
            byte[] noise = new byte[random.nextInt(2_000)];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (byte) random.nextInt();
            }
            return noise;
        }
        return all.get(draw).getBytes(UTF_8);
    }
}
