package dev.noesis.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The smoke test on Kafka as it is shipped. Without Docker it is skipped; where {@code KAFKA_IMAGE} names an image, somebody
 * means it to run, and it fails instead.
 */
@Timeout(300)
class TestcontainersIT {
    private static final String OFFICIAL = "apache/kafka";
    private static final String DEFAULT_IMAGE = OFFICIAL + ":4.3.1";

    @Test
    void theMainJobRunsOnKafkaInAContainer(@TempDir Path stateDirs) {
        String image = System.getenv("KAFKA_IMAGE");
        assumeTrue(
                image != null || DockerClientFactory.instance().isDockerAvailable(),
                "there is no Docker, and KAFKA_IMAGE is not set");
        DockerImageName name =
                DockerImageName.parse(image == null ? DEFAULT_IMAGE : image).asCompatibleSubstituteFor(OFFICIAL);
        try (KafkaContainer kafka = new KafkaContainer(name)) {
            kafka.start();
            Smoke.run(kafka.getBootstrapServers(), stateDirs);
        }
    }
}
