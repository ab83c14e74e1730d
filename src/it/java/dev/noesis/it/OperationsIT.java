package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.ConfigurationException;
import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.Script;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.Metric;
import dev.noesis.worker.Worker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a worker tells whoever operates it. */
@ExtendWith(SharedBroker.class)
@Timeout(300)
class OperationsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern URL = Pattern.compile("noesis worker tells how it is at (http://\\S+)");

    private static final Pattern NAME_END = Pattern.compile("[{ ]");

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void aWorkerTellsHowItIsFromStartToDrain(EmbeddedBroker broker, @TempDir Path stateDirs) throws Exception {
        try (var model = ScriptedModelServer.start(
                        ScriptedModelServer.Options.defaults().instant());
                var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var replies = deployment.tail(deployment.topics().chatReplies());
                var worker = WorkerProcess.start(deployment.settings("w", model.baseUrl(), "http.port", "0"))) {
            Matcher url = URL.matcher(worker.output());
            assertThat(url.find()).as(worker.output()).isTrue();
            URI http = URI.create(url.group(1));

            assertThat(get(http, "/live").statusCode()).isEqualTo(200);
            HttpResponse<String> ready = get(http, "/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            JsonNode json = Json.tree(ready.body());
            assertThat(json.path("status").asString()).isEqualTo("ready");
            assertThat(json.at("/lanes/chat/ready").asBoolean()).isTrue();
            assertThat(json.at("/lanes/heartbeat/ready").asBoolean()).isTrue();

            deployment.chat("ada", "t", "r1", "Remember that the ferry leaves at nine");
            replies.await("the reply", LIMIT, seen -> seen.text("runId").equals("r1"));

            await().atMost(LIMIT).untilAsserted(() -> {
                String page = get(http, "/metrics").body();
                assertThat(value(page, "noesis_runs_ended_total", "lane=\"chat\",outcome=\"success\""))
                        .isEqualTo(1);
                assertThat(value(page, "noesis_run_reply_seconds_count", "lane=\"chat\""))
                        .isEqualTo(1);
                assertThat(value(page, "noesis_run_first_token_seconds_count", "lane=\"chat\",target=\"primary\""))
                        .isEqualTo(1);
                assertThat(value(
                                page,
                                "noesis_model_call_seconds_count",
                                "lane=\"chat\",outcome=\"completed\",target=\"primary\""))
                        .isEqualTo(2);
                assertThat(value(page, "noesis_model_tokens_total", "kind=\"output\",lane=\"chat\",target=\"primary\""))
                        .isPositive();
                assertThat(value(page, "noesis_runs", "lane=\"chat\",state=\"thinking\""))
                        .isZero();
                assertThat(value(page, "noesis_outbox_effects", "kind=\"append\",lane=\"chat\""))
                        .isZero();
                assertThat(value(page, "noesis_tasks_ready", "lane=\"chat\"")).isEqualTo(Deployment.PARTITIONS);
                assertThat(value(page, "noesis_stream_threads", "lane=\"heartbeat\""))
                        .isEqualTo(1);
                assertThat(value(page, "noesis_stream_thread_poll_age_seconds", "lane=\"chat\""))
                        .isLessThan(60);
                assertThat(value(
                                page,
                                "noesis_topic_lag_records",
                                "lane=\"chat\",topic=\"" + deployment.topics().mindLog() + "\""))
                        .isZero();
                assertThat(value(page, "noesis_model_connections_opened_total", "lane=\"chat\",target=\"primary\""))
                        .isPositive();
                assertThat(value(page, "noesis_lane_failed", "lane=\"chat\"")).isZero();
            });
            assertThat(families(get(http, "/metrics").body(), "noesis_"))
                    .containsAll(everyNameBut(Metric.MODEL_RETRIES, Metric.MODEL_FALLBACKS))
                    .isSubsetOf(everyNameBut());

            assertThat(families(get(http, "/metrics").body(), "jvm_", "process_", "system_"))
                    .containsAll(ofTheProcess());

            assertThat(worker.stop(LIMIT)).isZero();
            assertThatThrownBy(() -> get(http, "/live")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aWorkerThatDrainsIsNotReadyAndLives(EmbeddedBroker broker, @TempDir Path stateDirs) throws Exception {
        // closed in between: the calls that hang end then
        ScriptedModelServer model = ScriptedModelServer.start(ScriptedModelServer.Options.defaults()
                .withScript(Script.parse("- {fault: hang_before_headers}", "drain")));
        try (var deployment = Deployment.create(broker.bootstrapServers(), stateDirs);
                var worker = Deployment.start(deployment.config(
                        "w", model.baseUrl(), "http.port", "0", "lanes", "chat", "drain.ms", "60000"))) {
            URI http = Optional.ofNullable(worker.http()).orElseThrow();
            deployment.chat("ada", "t", "r1", "hello");
            await().atMost(LIMIT).until(() -> model.inFlight() == 1);

            Thread closing = Thread.ofPlatform().start(worker::close);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(get(http, "/ready").body()).contains("\"draining\""));
            assertThat(get(http, "/ready").statusCode()).isEqualTo(503);
            assertThat(get(http, "/live").statusCode()).isEqualTo(200);

            model.close();
            assertThat(closing.join(LIMIT)).isTrue();
            assertThatThrownBy(() -> get(http, "/live")).isInstanceOf(IOException.class);
        } finally {
            model.close();
        }
    }

    @Test
    void aPortInUseStopsTheStartAndLeavesNothingBehind(EmbeddedBroker broker, @TempDir Path stateDirs) {
        URI model = URI.create("http://127.0.0.1:1");
        try (var deployment = Deployment.create(broker.bootstrapServers(), stateDirs)) {
            NoesisConfig second;
            try (var first = Worker.start(deployment.config("one", model, "http.port", "0"))) {
                String taken = Integer.toString(
                        Optional.ofNullable(first.http()).orElseThrow().getPort());
                second = deployment.config("two", model, "http.port", taken);

                assertThatThrownBy(() -> Worker.start(second))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageStartingWith("http.port: cannot listen on port " + taken);
            }
            // the port is free again, and so is the state directory
            Worker.start(second).close();
        }
    }

    private HttpResponse<String> get(URI http, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(http.resolve(path)).build(), BodyHandlers.ofString());
    }

    private static double value(String page, String name, String labels) {
        String start = name + "{" + labels + "} ";
        return page.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .map(line -> Double.parseDouble(line.substring(start.length())))
                .orElseThrow(() -> new AssertionError("no " + start + "in\n" + page));
    }

    private static Set<String> families(String page, String... prefixes) {
        return page.lines()
                .filter(line -> Stream.of(prefixes).anyMatch(line::startsWith))
                .map(line -> NAME_END.splitAsStream(line).findFirst().orElseThrow())
                .collect(Collectors.toSet());
    }

    /** What the page says that there is of the process. */
    private static List<String> ofTheProcess() throws IOException {
        String page = Files.readString(Path.of("src/site/markdown/operations.md"));
        List<String> names = Pattern.compile("`((?:jvm|process|system)_[a-z_]+)`")
                .matcher(page)
                .results()
                .map(name -> name.group(1))
                .toList();
        assertThat(names).isNotEmpty();
        return names;
    }

    private static Set<String> everyNameBut(Metric... without) {
        return Stream.of(Metric.values())
                .filter(metric -> !Arrays.asList(without).contains(metric))
                .flatMap(metric -> metric.prometheusNames().stream())
                .filter(
                        name -> !name.matches(
                                ".*_(first_token|reply|model_call|output_token|connection_acquire|connection_open|loop_lag|tick_delay)_seconds"))
                .collect(Collectors.toSet());
    }
}
