package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The image of {@code deploy/Dockerfile}, with a broker and a scripted model in containers beside it. Without Docker it is
 * skipped; where {@code KAFKA_IMAGE} names an image, somebody means it to run, and it fails instead. {@code BASE_IMAGE} names
 * the image to build on, where it is not the usual one.
 */
@Timeout(600)
class DockerIT {
    private static final String OFFICIAL_KAFKA = "apache/kafka";
    private static final String BROKER = "broker:19092";
    private static final Path DISTRIBUTION = Path.of("target/noesis");
    private static final Duration READY = Duration.ofMinutes(2);

    @Test
    void theImageAnswersAChatAsAnUnprivilegedUserAndEndsWhenItIsTold() throws Exception {
        String kafkaImage = System.getenv("KAFKA_IMAGE");
        assumeTrue(
                kafkaImage != null || DockerClientFactory.instance().isDockerAvailable(),
                "there is no Docker, and KAFKA_IMAGE is not set");
        assumeTrue(Files.exists(DISTRIBUTION.resolve("bin/noesis")), "there is no distribution: mvn package makes it");
        DockerImageName kafkaName = DockerImageName.parse(kafkaImage == null ? OFFICIAL_KAFKA + ":4.3.1" : kafkaImage)
                .asCompatibleSubstituteFor(OFFICIAL_KAFKA);
        ImageFromDockerfile image = image();
        try (Network network = Network.newNetwork();
                KafkaContainer broker = new KafkaContainer(kafkaName)
                        .withNetwork(network)
                        .withNetworkAliases("broker")
                        .withListener(BROKER);
                GenericContainer<?> model = noesis(image, network, "model", "--host", "0.0.0.0")
                        .withNetworkAliases("model")
                        .waitingFor(Wait.forLogMessage(".*model server at.*\\n", 1));
                // by its own health check
                GenericContainer<?> worker = noesis(image, network, "worker", "--lanes", "chat")
                        .withEnv("NOESIS_LLM_BASE_URL", "http://model:8089")
                        .waitingFor(Wait.forHealthcheck().withStartupTimeout(READY))) {
            broker.start();
            model.start();
            assertThat(run(model, "topics", "create").getStdout()).contains("12 made");
            worker.start();

            assertThat(run(worker, "chat", "--agent", "ada", "Tell me about the sea.")
                            .getStdout())
                    .contains("Tell me about the sea");
            assertThat(worker.execInContainer("id", "-u").getStdout().strip()).isEqualTo("10001");

            long begun = System.nanoTime();
            DockerClientFactory.lazyClient()
                    .stopContainerCmd(worker.getContainerId())
                    .withTimeout(60)
                    .exec();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(45));
            assertThat(worker.getCurrentContainerInfo().getState().getExitCodeLong())
                    .isZero();
        }
    }

    /** As {@code docker build -f deploy/Dockerfile target/noesis} makes it. */
    private static ImageFromDockerfile image() {
        ImageFromDockerfile image = new ImageFromDockerfile()
                .withFileFromPath(".", DISTRIBUTION)
                .withFileFromPath("Dockerfile", Path.of("deploy/Dockerfile"));
        String base = System.getenv("BASE_IMAGE");
        return base == null ? image : image.withBuildArg("BASE", base);
    }

    private static GenericContainer<?> noesis(ImageFromDockerfile image, Network network, String... command) {
        return new GenericContainer<>(image)
                .withNetwork(network)
                .withEnv("NOESIS_BOOTSTRAP_SERVERS", BROKER)
                .withCommand(command);
    }

    private static ExecResult run(GenericContainer<?> in, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "/opt/noesis/bin/noesis";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        ExecResult result = in.execInContainer(command);
        assertThat(result.getExitCode()).as(result.toString()).isZero();
        return result;
    }
}
