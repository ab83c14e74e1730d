package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.noesis.cli.Noesis;
import dev.noesis.model.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The files of {@code deploy}, held against what they speak of: the table of keys, the command line, and each other. No engine
 * is needed; what one makes of the image, {@code DockerIT} shows.
 */
class DeployFilesTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("basedir", "")).resolve("deploy");
    private static final Path KUBERNETES = FOLDER.resolve("kubernetes");

    private static final Map<String, Object> DEFAULTS = ConfigTable.create().defaultValues();

    /** A lane waits for Kafka Streams and writes what is left: a stop takes at most this much longer than the drain. */
    private static final int BESIDE_THE_DRAIN_SECONDS = 45;

    private static final Set<String> PROBES = Set.of("/live", "/ready");

    /** What belongs to no key: the start script's, and the fallback for the provider's key. */
    private static final Set<String> OTHER_VARIABLES = Set.of("NOESIS_OPTS", "ANTHROPIC_API_KEY");

    private final String dockerfile = read(FOLDER.resolve("Dockerfile"));

    @Test
    void theImageRunsAsAUserWhoIsNotRootAndGetsSignalsItself() {
        assertThat(user()).isPositive();
        assertThat(dockerfile).containsPattern("(?m)^ENTRYPOINT \\[\"/opt/noesis/bin/noesis\"]$");
        String command = group(dockerfile, "(?m)^CMD \\[\"(\\w+)\"]$");
        assertCommand(List.of(command));
    }

    @Test
    void theImageKeepsStateInAVolumeAndIsAskedForItsHealthWhereItServesIt() {
        assertThat(dockerfile)
                .contains("VOLUME " + imageVariable("NOESIS_STATE_DIR") + "\n")
                .contains("EXPOSE " + httpPort() + "\n")
                .contains("/dev/tcp/127.0.0.1/${NOESIS_HTTP_PORT:-" + httpPort() + "}")
                .contains("GET /ready ");
        assertVariables(matches(dockerfile, "\\b(NOESIS_\\w+)=").filter(name -> !name.equals("NOESIS_OPTS")));
        assertThat(imageVariable("NOESIS_HTTP_HOST")).isEqualTo("0.0.0.0");
    }

    @Test
    void composeNamesCommandsAndKeysThatThereAre() {
        JsonNode compose = compose();
        for (String service : compose.propertyNames()) {
            JsonNode definition = compose.get(service);
            assertVariables(definition.path("environment").propertyNames().stream()
                    .filter(name -> !name.startsWith("KAFKA_") && !name.equals("CLUSTER_ID")));
            if (definition.has("command")) {
                assertCommand(texts(definition.get("command")));
            }
        }
        JsonNode build = compose.at("/model/build");
        Path context = FOLDER.resolve(build.path("context").asString()).normalize();
        assertThat(context).isEqualTo(FOLDER.resolveSibling("target/noesis"));
        assertThat(context.resolve(build.path("dockerfile").asString()).normalize())
                .isEqualTo(FOLDER.resolve("Dockerfile"));
    }

    @ParameterizedTest
    @EnumSource
    void composeHasAWorkerForEachLaneWithAVolumeAndTimeToDrain(Lane lane) {
        JsonNode worker = compose().path(lane.id());

        assertThat(texts(worker.path("command"))).containsExactly("worker", "--lanes", lane.id());
        assertThat(texts(worker.path("volumes"))).contains(lane.id() + "-state:" + imageVariable("NOESIS_STATE_DIR"));
        assertThat(texts(worker.path("ports"))).allMatch(port -> port.endsWith(":" + httpPort()));
        assertThat(worker.path("stop_grace_period").asString()).matches("\\d+s");
        assertThat(Integer.parseInt(worker.path("stop_grace_period").asString().replace("s", "")))
                .isGreaterThanOrEqualTo(stopSeconds());
        assertThat(worker.at("/depends_on/topics/condition").asString()).isEqualTo("service_completed_successfully");
    }

    @Test
    void theKustomizationHasEveryManifestAndTheImageTheyName() {
        JsonNode kustomization =
                documents(KUBERNETES.resolve("kustomization.yaml")).getFirst();

        assertThat(texts(kustomization.path("resources")))
                .containsExactlyInAnyOrderElementsOf(manifestFiles().toList());
        assertThat(kustomization.at("/images/0/name").asString()).isEqualTo("noesis");
        assertThat(kustomization.at("/configMapGenerator/0/name").asString()).isEqualTo("noesis");
        assertThat(texts(kustomization.at("/configMapGenerator/0/envs"))).containsExactly("noesis.env");
        assertVariables(settings().filter(name -> !name.equals("NOESIS_OPTS")));
    }

    @Test
    void everyPodRunsWithoutPrivilegesOnAReadOnlyFileSystem() {
        List<JsonNode> pods = manifests()
                .map(manifest -> manifest.at("/spec/template/spec"))
                .filter(JsonNode::isObject)
                .toList();

        assertThat(pods).hasSize(Lane.values().length + 1).allSatisfy(pod -> {
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(user());
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            JsonNode container = pod.at("/containers/0");
            assertThat(container.path("image").asString()).isEqualTo("noesis");
            JsonNode context = container.path("securityContext");
            assertThat(context.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(context.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(container.at("/resources/limits").has("memory")).isTrue();
            assertCommand(texts(container.path("args")));
            assertVariables(container
                    .path("env")
                    .valueStream()
                    .map(variable -> variable.path("name").asString()));
        });
    }

    @ParameterizedTest
    @EnumSource
    void eachLaneHasAStatefulSetWithAVolumeProbesAndTimeToDrain(Lane lane) {
        JsonNode set = ofKind("StatefulSet", lane);
        JsonNode pod = set.at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");

        assertThat(texts(container.path("args"))).containsExactly("worker", "--lanes", lane.id());
        assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThanOrEqualTo(stopSeconds());
        assertThat(set.at("/spec/volumeClaimTemplates/0/metadata/name").asString())
                .isEqualTo("state");
        assertThat(mounts(container)).containsEntry("state", imageVariable("NOESIS_STATE_DIR"));
        assertThat(pod.at("/securityContext/fsGroup").asInt()).isEqualTo(user());
        assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(httpPort());
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            JsonNode get = container.path(probe).path("httpGet");
            assertThat(PROBES).contains(get.path("path").asString());
            assertThat(get.path("port").asString())
                    .isEqualTo(container.at("/ports/0/name").asString());
        }
        assertThat(container.at("/readinessProbe/httpGet/path").asString()).isEqualTo("/ready");
    }

    @ParameterizedTest
    @EnumSource
    void aLanesServiceAndItsDisruptionBudgetMeanItsPods(Lane lane) {
        JsonNode set = ofKind("StatefulSet", lane);
        JsonNode labels = set.at("/spec/template/metadata/labels");
        JsonNode service = ofKind("Service", lane);

        assertThat(labels.path("app.kubernetes.io/component").asString()).isEqualTo(lane.id());
        assertThat(set.at("/spec/selector/matchLabels")).isEqualTo(labels);
        assertThat(set.at("/spec/serviceName")).isEqualTo(service.at("/metadata/name"));
        assertThat(service.at("/spec/clusterIP").asString()).isEqualTo("None");
        assertThat(service.at("/spec/selector")).isEqualTo(labels);
        assertThat(service.at("/spec/ports/0/port").asInt()).isEqualTo(httpPort());
        JsonNode budget = ofKind("PodDisruptionBudget", lane);
        assertThat(budget.at("/spec/selector/matchLabels")).isEqualTo(labels);
        assertThat(budget.at("/spec/maxUnavailable").asInt()).isEqualTo(1);
    }

    @Test
    void theLanesDifferInNothingButTheirNames() {
        assertThat(manifest("heartbeat")).isEqualTo(manifest("chat"));
    }

    @Test
    void theProvidersKeyComesFromASecretAndStandsNowhere() {
        manifests()
                .filter(manifest -> manifest.path("kind").asString().equals("StatefulSet"))
                .forEach(set -> {
                    JsonNode pod = set.at("/spec/template/spec");
                    assertThat(pod.at("/volumes/0/secret/secretName").asString())
                            .isEqualTo("noesis-llm");
                    String folder = mounts(pod.at("/containers/0"))
                            .get(pod.at("/volumes/0/name").asString());
                    assertThat(read(KUBERNETES.resolve("noesis.env")))
                            .contains("NOESIS_LLM_API_KEY_FILE=" + folder + "/api-key\n");
                });
        assertThat(manifests().map(manifest -> manifest.path("kind").asString()))
                .doesNotContain("Secret");
        assertThat(compose().at("/chat/environment/ANTHROPIC_API_KEY").asString())
                .isEqualTo("${ANTHROPIC_API_KEY:-}");
    }

    @Test
    void theServiceOfSystemdHasTimeForBothLanesAndNamesWhatThereIs() {
        String unit = read(FOLDER.resolve("noesis.service"));

        assertThat(Integer.parseInt(group(unit, "TimeoutStopSec=(\\d+)"))).isGreaterThanOrEqualTo(2 * stopSeconds());
        assertVariables(matches(unit, "(?m)^Environment=(\\w+)="));
        assertCommand(List.of(group(unit, "ExecStart=\\S+/bin/noesis (.+)").split(" ")));
    }

    private static void assertVariables(Stream<String> names) {
        Set<String> known = DEFAULTS.keySet().stream()
                .map(ConfigSources::variableOf)
                .collect(Collectors.toCollection(TreeSet::new));
        known.addAll(OTHER_VARIABLES);
        assertThat(names).allSatisfy(name -> assertThat(known).contains(name));
    }

    /** The command line takes it; nothing is run. */
    private static void assertCommand(List<String> arguments) {
        assertThatCode(() -> Noesis.commandLine().parseArgs(arguments.toArray(String[]::new)))
                .as(arguments.toString())
                .doesNotThrowAnyException();
    }

    private static int httpPort() {
        return (Integer) Objects.requireNonNull(DEFAULTS.get("http.port"), "no key http.port");
    }

    private static int stopSeconds() {
        long drain = (Long) Objects.requireNonNull(DEFAULTS.get(Keys.DRAIN));
        return Math.toIntExact(drain / 1_000) + BESIDE_THE_DRAIN_SECONDS;
    }

    private int user() {
        return Integer.parseInt(group(dockerfile, "(?m)^USER (\\d+):\\d+$"));
    }

    private String imageVariable(String name) {
        return group(dockerfile, name + "=(\\S+)");
    }

    private static JsonNode compose() {
        return documents(FOLDER.resolve("compose.yaml")).getFirst().path("services");
    }

    private static JsonNode ofKind(String kind, Lane lane) {
        return manifests()
                .filter(manifest -> manifest.path("kind").asString().equals(kind))
                .filter(manifest -> manifest.at("/metadata/name").asString().equals("noesis-" + lane.id()))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> mounts(JsonNode container) {
        return container
                .path("volumeMounts")
                .valueStream()
                .collect(Collectors.toMap(
                        mount -> mount.path("name").asString(),
                        mount -> mount.path("mountPath").asString()));
    }

    private static String manifest(String lane) {
        return documents(KUBERNETES.resolve(lane + ".yaml")).toString().replace(lane, "LANE");
    }

    private static Stream<JsonNode> manifests() {
        return manifestFiles().flatMap(file -> documents(KUBERNETES.resolve(file)).stream());
    }

    private static Stream<String> manifestFiles() {
        return Arrays.stream(Objects.requireNonNull(KUBERNETES.toFile().list()))
                .filter(file -> file.endsWith(".yaml") && !file.equals("kustomization.yaml"));
    }

    private static Stream<String> settings() {
        return matches(read(KUBERNETES.resolve("noesis.env")), "(?m)^(\\w+)=");
    }

    private static List<JsonNode> documents(Path file) {
        try (MappingIterator<JsonNode> documents =
                new YAMLMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
            List<JsonNode> all = new ArrayList<>();
            documents.forEachRemaining(all::add);
            return all;
        }
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private static Stream<String> matches(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
    }

    private static String group(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
    }
}
