package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.model.Lane;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {

    @Test
    void twoDeploymentsLanesAndInstancesShareNoName() {
        assertThat(identities(settings("", Lane.CHAT, "w1")))
                .containsExactly("noesis-chat", "noesis-chat-w1")
                .doesNotContainAnyElementsOf(Arrays.asList(identities(settings("", Lane.HEARTBEAT, "w1"))))
                .doesNotContainAnyElementsOf(Arrays.asList(identities(settings("blue", Lane.CHAT, "w1"))));
        assertThat(identities(settings("blue", Lane.CHAT, "w1")))
                .containsExactly("blue.noesis-chat", "blue.noesis-chat-w1");
        assertThat(identities(settings("", Lane.CHAT, "w2"))).contains("noesis-chat-w2");
    }

    @Test
    void whatTheGuaranteesRestOnIsSet() {
        assertThat(settings("", Lane.CHAT, "w1"))
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("group.protocol", "classic");
    }

    @Test
    void whatTheOperatorSaysStandsOverWhatWasMeasured() {
        var settings = settings(
                "", Lane.CHAT, "w1", "kafka.commit.interval.ms", "100", "kafka.main.consumer.max.poll.records", "500");

        assertThat(settings)
                .containsEntry("commit.interval.ms", "100")
                .containsEntry("main.consumer.max.poll.records", "500")
                .containsEntry("poll.ms", 5);
    }

    @Test
    void kafkaStreamsTakesThem() {
        var config = new StreamsConfig(settings("", Lane.CHAT, "w1"));

        assertThat(config.getMainConsumerConfigs("g", "c", 1))
                .containsEntry("group.instance.id", "noesis-chat-w1-1")
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("max.poll.records", 50);
        assertThat(config.getProducerConfigs("c")).containsEntry("enable.idempotence", true);
    }

    private static String[] identities(Properties settings) {
        return new String[] {
            settings.getProperty("application.id"), settings.getProperty("main.consumer.group.instance.id")
        };
    }

    private static Properties settings(String deployment, Lane lane, String instance, String... more) {
        Map<String, String> values = new TreeMap<>(Map.of("deployment", deployment));
        for (int i = 0; i < more.length; i += 2) {
            values.put(more[i], more[i + 1]);
        }
        var config = ConfigLoader.load(values);
        try (var memory = new StoreMemory(config.store())) {
            return StreamsSettings.of(config, lane, instance, memory);
        }
    }
}
