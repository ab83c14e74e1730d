package dev.noesis.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** {@code bin/noesis} of the distribution, and the AOT cache that it starts with if the JVM will have it. */
@Timeout(60)
class StartScriptIT {
    private static final Path DISTRIBUTION = Path.of("target/noesis").toAbsolutePath();
    private static final String ITS_VERSION = "noesis \\S+\\RKafka \\S+, Java \\S+\\R";

    @TempDir(factory = BesideTheDistribution.class)
    private Path copy;

    /** Another home with the same jars, so that the tests can put another cache among them. */
    @BeforeEach
    void copyTheDistribution() throws IOException {
        assumeTrue(
                Files.exists(DISTRIBUTION.resolve("lib/noesis.jar")), "there is no distribution: mvn package makes it");
        for (String folder : List.of("bin", "conf", "lib")) {
            Files.createDirectory(copy.resolve(folder));
            try (Stream<Path> files = Files.list(DISTRIBUTION.resolve(folder))) {
                for (Path file : files.toList()) {
                    Files.createLink(copy.resolve(folder).resolve(file.getFileName()), file);
                }
            }
        }
    }

    @Test
    void itsCacheIsUsedAndNothingIsSaidOfIt() throws Exception {
        assumeTrue(Files.exists(DISTRIBUTION.resolve("lib/noesis.aot")), "built with -Daot.skip=true");

        assertThat(run(DISTRIBUTION, Map.of())).matches(ITS_VERSION);
        // A JVM that does not take the cache ends.
        assertThat(run(
                        DISTRIBUTION,
                        Map.of(
                                "NOESIS_OPTS",
                                "-XX:AOTMode=on -XX:AOTCache=" + DISTRIBUTION.resolve("lib/noesis.aot")
                                        + " -Xlog:aot*=off")))
                .matches(ITS_VERSION);
    }

    @Test
    void withoutACacheItStarts() throws Exception {
        Files.deleteIfExists(copy.resolve("lib/noesis.aot"));

        assertThat(run(copy, Map.of())).matches(ITS_VERSION);
    }

    @Test
    void aCacheOfAnotherBuildOfTheJdkIsPassedOverInSilence() throws Exception {
        Path own = DISTRIBUTION.resolve("lib/noesis.aot");
        assumeTrue(Files.exists(own), "built with -Daot.skip=true");
        byte[] bytes = Files.readAllBytes(own);
        // The cache begins with the JVM that made it: "OpenJDK 64-Bit Server VM (25.0.3+9) for linux-amd64 JRE …"
        int build = new String(bytes, 0, 4096, ISO_8859_1).indexOf(" VM (");
        assertThat(build).as("where the cache names its JVM").isPositive();
        bytes[build + " VM (".length()] = '9';
        replaceCache(bytes);

        assertThat(run(copy, Map.of())).matches(ITS_VERSION);
    }

    @Test
    void aCacheOfOtherOptionsIsPassedOverInSilence() throws Exception {
        assertThat(run(DISTRIBUTION, Map.of("NOESIS_OPTS", "-XX:-UseCompactObjectHeaders")))
                .matches(ITS_VERSION);
    }

    @Test
    void aCacheThatIsNoneIsPassedOverInSilence() throws Exception {
        replaceCache("not a cache at all".repeat(1_000).getBytes(UTF_8));

        assertThat(run(copy, Map.of())).matches(ITS_VERSION);
    }

    /** On the same file system, so that jars can be linked instead of copied. */
    private static final class BesideTheDistribution implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(DISTRIBUTION.getParent(), "noesis-");
        }
    }

    private void replaceCache(byte[] bytes) throws IOException {
        Path cache = copy.resolve("lib/noesis.aot");
        Files.deleteIfExists(cache);
        Files.write(cache, bytes);
    }

    /** What {@code noesis --version} says on both of its outputs. */
    private static String run(Path home, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder noesis =
                new ProcessBuilder(home.resolve("bin/noesis").toString(), "--version").redirectErrorStream(true);
        noesis.environment().remove("NOESIS_OPTS");
        noesis.environment().put("NOESIS_JAVA_HOME", System.getProperty("java.home"));
        noesis.environment().putAll(environment);
        Process process = noesis.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
