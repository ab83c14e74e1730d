package dev.noesis.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Without a broker; the rest of the class is tested where there is one. */
class TopicAdminTest {
    private static final Topics TOPICS = new Topics("");

    @Test
    @Timeout(20)
    void aBrokerThatDoesNotAnswerIsAProblemWithinTheLimit() throws IOException {
        // accepts connections and never says a word
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String servers = "127.0.0.1:" + silent.getLocalPort();
            var admin = new TopicAdmin(Map.of("bootstrap.servers", servers), Duration.ofSeconds(1));

            assertThat(admin.check(TOPICS).problems())
                    .extracting(TopicProblem::sentence)
                    .containsExactly("no broker answered at " + servers
                            + " within 1 s; is one there, and does it speak PLAINTEXT (kafka.security.protocol)?");
            assertThatThrownBy(() -> admin.create(TOPICS.specs(), 8, 0))
                    .isInstanceOf(TopicException.class)
                    .hasMessage("no broker answered at " + servers
                            + " within 1 s; is one there, and does it speak PLAINTEXT (kafka.security.protocol)?");
        }
    }

    @Test
    @Timeout(20)
    void aClientThatCannotBeMadeSaysWhy() {
        var admin = new TopicAdmin(
                Map.of("bootstrap.servers", "127.0.0.1:1", "security.protocol", "NONSENSE"), Duration.ofSeconds(1));

        assertThat(admin.check(TOPICS).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.sentence())
                        .startsWith("the brokers at 127.0.0.1:1 cannot be asked: ")
                        .contains("NONSENSE"));
    }

    @Test
    @Timeout(20)
    void aNameThatNobodyKnowsIsNamed() {
        var admin = new TopicAdmin(Map.of("bootstrap.servers", "nowhere.invalid:9092"), Duration.ofSeconds(1));

        assertThat(admin.check(TOPICS).problems())
                .extracting(TopicProblem::sentence)
                .containsExactly(
                        "bootstrap.servers is nowhere.invalid:9092, and no name in it can be resolved to an address");
    }

    @Test
    @Timeout(20)
    void whatIsMissingForALoginIsSaid() {
        var admin = new TopicAdmin(
                Map.of("bootstrap.servers", "127.0.0.1:1", "security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"),
                Duration.ofSeconds(1));

        assertThat(admin.check(TOPICS).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.sentence()).contains("KafkaClient", "JAAS"));
    }
}
