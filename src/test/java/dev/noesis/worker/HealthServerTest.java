package dev.noesis.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.config.ConfigurationException;
import dev.noesis.config.HttpConfig;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class HealthServerTest {
    private static final HttpConfig ANY_PORT = new HttpConfig("127.0.0.1", 0);

    private final List<Told> lanes = new ArrayList<>();
    private final Health health = new Health(Set.of(Lane.CHAT, Lane.HEARTBEAT), () -> List.copyOf(lanes));
    private final HealthServer server = HealthServer.start(ANY_PORT, health, () -> "noesis_runs 1\n");
    private final HttpClient client = HttpClient.newHttpClient();

    /** A lane that tells what it was told to. */
    private record Told(
            Lane lane,
            String state,
            SortedSet<Integer> notReady,
            @Nullable String failure) implements LaneHealth {
        static Told ready(Lane lane) {
            return new Told(lane, "RUNNING", new TreeSet<>(), null);
        }

        @Override
        public boolean isReady() {
            return state.equals("RUNNING") && notReady.isEmpty();
        }
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void aWorkerThatStartsLivesAndIsNotReady() throws Exception {
        lanes.add(Told.ready(Lane.CHAT));

        assertThat(get("/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode json = Json.tree(ready.body());
        assertThat(json.path("status").asString()).isEqualTo("not ready");
        assertThat(json.at("/lanes/chat/ready").asBoolean()).isTrue();
        assertThat(json.at("/lanes/heartbeat/state").asString()).isEqualTo("STARTING");
    }

    @Test
    void itIsReadyWhenEachLaneDecidesForEachOfItsPartitions() throws Exception {
        lanes.add(Told.ready(Lane.CHAT));
        lanes.add(new Told(Lane.HEARTBEAT, "RUNNING", new TreeSet<>(Set.of(3, 1)), null));

        HttpResponse<String> before = get("/ready");
        assertThat(before.statusCode()).isEqualTo(503);
        assertThat(Json.tree(before.body())
                        .at("/lanes/heartbeat/partitionsNotReady")
                        .toString())
                .isEqualTo("[1,3]");

        lanes.set(1, Told.ready(Lane.HEARTBEAT));
        HttpResponse<String> after = get("/ready");
        assertThat(after.statusCode()).isEqualTo(200);
        assertThat(Json.tree(after.body()).path("status").asString()).isEqualTo("ready");
    }

    @Test
    void itIsNotReadyWhileItDrainsAndLives() throws Exception {
        lanes.add(Told.ready(Lane.CHAT));
        lanes.add(Told.ready(Lane.HEARTBEAT));
        health.draining();

        HttpResponse<String> ready = get("/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(Json.tree(ready.body()).path("status").asString()).isEqualTo("draining");
        assertThat(get("/live").statusCode()).isEqualTo(200);
    }

    @Test
    void aLaneThatStoppedForGoodIsNamedWithItsReason() throws Exception {
        lanes.add(Told.ready(Lane.CHAT));
        lanes.add(new Told(Lane.HEARTBEAT, "ERROR", new TreeSet<>(), "mind.log has a gap"));

        HttpResponse<String> live = get("/live");
        assertThat(live.statusCode()).isEqualTo(503);
        JsonNode json = Json.tree(live.body());
        assertThat(json.path("status").asString()).isEqualTo("failed");
        assertThat(json.at("/lanes/heartbeat/failure").asString()).isEqualTo("mind.log has a gap");
        assertThat(json.at("/lanes/chat").has("failure")).isFalse();
        assertThat(get("/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void metricsAreTextForPrometheus() throws Exception {
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body()).isEqualTo("noesis_runs 1\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/live/", "/liveness", "/metrics/x", "/favicon.ico"})
    void anyOtherPathIsNotFound(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void itCanOnlyBeRead(String method) throws Exception {
        HttpResponse<String> answer = send(method, "/ready");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void headHasTheStatusAndNoBody() throws Exception {
        HttpResponse<String> answer = send("HEAD", "/ready");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void metricsThatCannotBeReadAreAnsweredAndNotHung() throws Exception {
        Supplier<String> broken = () -> {
            throw new IllegalStateException("no figures");
        };
        try (var other = HealthServer.start(ANY_PORT, health, broken)) {
            assertThat(send(other.uri(), "GET", "/metrics").statusCode()).isEqualTo(500);
        }
    }

    @Test
    void aPortInUseIsOneErrorThatNamesItsKey() {
        int taken = server.uri().getPort();

        assertThatThrownBy(() -> HealthServer.start(new HttpConfig("127.0.0.1", taken), health, () -> ""))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("http.port: cannot listen on port " + taken);
    }

    @Test
    void anUnknownHostIsOneErrorThatNamesItsKey() {
        assertThatThrownBy(() -> HealthServer.start(new HttpConfig("no host", 0), health, () -> ""))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("http.host: no host");
    }

    @Test
    void closingTwiceIsHarmlessAndFreesThePort() {
        int port = server.uri().getPort();
        server.close();
        server.close();

        HealthServer.start(new HttpConfig("127.0.0.1", port), health, () -> "").close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path);
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return send(server.uri(), method, path);
    }

    private HttpResponse<String> send(URI to, String method, String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(to.resolve(path))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }
}
