package dev.noesis.heartbeat.checks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.noesis.config.CheckConfig;
import dev.noesis.config.Secret;
import dev.noesis.model.CheckReport.Status;
import dev.noesis.model.Finding.Urgency;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpCheckTest {
    private static final String SECRET = "s3cr3t-that-must-not-show";

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpCheck.client();
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        release.countDown();
        client.shutdownNow();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void eachItemIsFound() throws Exception {
        answer("/", 200, "application/json", """
                [{"id":"i12","summary":"Invoice 12 is overdue","total":3},{"id":13,"summary":"Invoice 13 is overdue"}]""");

        List<Found> found = look(config("/"));

        assertThat(found)
                .extracting(Found::id, Found::source, Found::summary, Found::urgency, Found::needsAction)
                .containsExactly(
                        tuple("i12", "invoices", "Invoice 12 is overdue", Urgency.NORMAL, true),
                        tuple("13", "invoices", "Invoice 13 is overdue", Urgency.NORMAL, true));
        assertThat(Json.tree(String.valueOf(found.getFirst().data()))
                        .at("/total")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void pointersSayWhereThingsAre() throws Exception {
        answer("/", 200, "application/json", """
                {"data":{"jobs":[
                  {"key":"a","text":{"title":"A"},"host":"h1","level":"high","todo":true},
                  {"key":"b","text":{"title":"B"},"level":"low","todo":false},
                  {"key":"c","text":{"title":"C"}}]}}""");

        assertThat(look(new CheckConfig.Http(
                        "jobs",
                        null,
                        null,
                        url("/"),
                        null,
                        "/data/jobs",
                        "/key",
                        "/text/title",
                        "/host",
                        "/level",
                        "/todo")))
                .extracting(Found::id, Found::summary, Found::source, Found::urgency, Found::needsAction)
                .containsExactly(
                        tuple("a", "A", "h1", Urgency.HIGH, true),
                        tuple("b", "B", "jobs", Urgency.LOW, false),
                        tuple("c", "C", "jobs", Urgency.NORMAL, false));
    }

    @Test
    void wordsHoldForAllItems() throws Exception {
        answer("/", 200, "application/json", "[\"disk full\"]");

        assertThat(look(new CheckConfig.Http("disk", null, null, url("/"), null, "", "", "", null, "high", "false")))
                .extracting(Found::id, Found::summary, Found::urgency, Found::needsAction)
                .containsExactly(tuple("disk full", "disk full", Urgency.HIGH, false));
    }

    @Test
    void dataThatIsTooLargeIsLeftOut() throws Exception {
        answer("/", 200, "application/json", "[{\"id\":1,\"summary\":\"s\",\"text\":\"" + "x".repeat(17_000) + "\"}]");

        assertThat(look(config("/"))).extracting(Found::data).containsExactly((String) null);
    }

    @Test
    void theAgentsIdStandsInTheUrlAndNowhereElse() throws Exception {
        answer("/", 200, "application/json", "[]");

        check(config("/of/{agent}?who={agent}")).look(Views.ofAgent("ada@home/../x:1"));

        assertThat(asked).containsExactly("/of/ada%40home%2F..%2Fx%3A1?who=ada%40home%2F..%2Fx%3A1");
    }

    @Test
    void anIdOfDotsIsNoNameInAPath() {
        assertThatThrownBy(() -> check(config("/of/{agent}/x")).look(Views.ofAgent("..")))
                .isInstanceOf(CheckException.class)
                .hasMessage("the agent's id cannot stand in a URL");
        assertThat(asked).isEmpty();
    }

    @Test
    void aHeaderIsSentAndNotShown() throws Exception {
        List<String> sent = new CopyOnWriteArrayList<>();
        on("/", exchange -> {
            sent.add(exchange.getRequestHeaders().getFirst("Authorization"));
            respond(exchange, 401, "text/plain", SECRET);
        });
        CheckConfig.Http config = config("/path?token=" + SECRET, "Bearer " + SECRET);

        String failure = failure(config);

        assertThat(sent).containsExactly("Bearer " + SECRET);
        assertThat(failure).isEqualTo(url("") + " answered with status 401").doesNotContain(SECRET);
        assertThat(config + " " + config.header()).doesNotContain(SECRET);
    }

    // ---- faults

    @Test
    void anErrorIsAFailure() {
        answer("/", 500, "application/json", "[]");

        assertThat(failure(config("/"))).isEqualTo(url("") + " answered with status 500");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "nothing",
            value = {
                "text/html        | <html><body>Please log in</body></html>",
                "application/json | nothing",
                "application/json | [",
                "application/json | [] []"
            })
    void whatIsNotJsonIsAFailure(String type, String body) {
        answer("/", 200, type, body == null ? "" : body);

        assertThat(failure(config("/"))).isEqualTo(url("") + " answered what is not JSON, Content-Type " + type);
    }

    @Test
    void jsonOfAnotherShapeIsAFailure() {
        answer("/", 200, "application/json", "{\"items\":[{\"id\":\"a\"},{\"id\":{},\"summary\":\"s\"}]}");

        assertThat(failure(config("/"))).isEqualTo("the answer is no array");
        assertThat(failure(withItems("/jobs"))).isEqualTo("there is no array at /jobs");
        assertThat(failure(withItems("/items"))).isEqualTo("the item at 0 has neither text nor a number at '/summary'");
    }

    @Test
    void wordsThatAreNoneAreAFailure() {
        answer("/", 200, "application/json", "[{\"id\":1,\"summary\":\"s\",\"level\":\"urgent\",\"todo\":\"yes\"}]");

        assertThat(failure(with("/level", "true")))
                .isEqualTo("the item at 0 has neither low, normal nor high at /level");
        assertThat(failure(with("low", "/todo"))).isEqualTo("the item at 0 has neither true nor false at /todo");
    }

    @Test
    void anEndlessAnswerIsReadToItsLimitOnly() {
        on("/", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = " ".repeat(64 * 1024).getBytes(UTF_8);
            try (var body = exchange.getResponseBody()) {
                while (release.getCount() > 0) {
                    body.write(piece);
                }
            }
        });

        assertThat(failure(config("/")))
                .startsWith(url("") + " cannot be read: ")
                .contains("1048576");
    }

    @Test
    void aServerThatIsGoneIsAFailure() {
        CheckConfig.Http config = config("/");
        String known = url("");
        server.stop(0);

        assertThat(failure(config)).startsWith(known + " cannot be read: ");
    }

    @Test
    void anAnswerThatDripsIsEndedByItsRunner() {
        on("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('[');
            exchange.getResponseBody().flush();
            await().atMost(Duration.ofSeconds(30)).until(() -> release.getCount() == 0);
            exchange.close();
        });
        CheckConfig.Http slow = new CheckConfig.Http(
                "slow", null, Duration.ofMillis(300), url("/"), null, "", "/id", "/summary", null, "normal", "true");

        try (CheckRunner runner = new CheckRunner(new Semaphore(1), () -> {})) {
            runner.launch("k", check(slow), Views.EMPTY);
            List<Looked> looked = new CopyOnWriteArrayList<>();
            await().until(() -> looked.addAll(runner.drain()));

            assertThat(looked).extracting(Looked::status).containsExactly(Status.TIMED_OUT);
        }
    }

    @Test
    void aRedirectWithinTheServerIsFollowed() throws Exception {
        redirect("/old", "/new");
        answer("/new", 200, "application/json", "[{\"id\":1,\"summary\":\"s\"}]");

        assertThat(look(config("/old"))).hasSize(1);
    }

    @Test
    void aRedirectToAnotherServerIsNot() {
        redirect("/a", "http://elsewhere.example/b?token=" + SECRET);
        redirect("/b", "//127.0.0.1:1/b");
        redirect("/c", "https" + url("/c").substring("http".length()));
        redirect("/d", "::no url::");

        assertThat(failure(config("/a")))
                .isEqualTo(
                        url("") + " redirects to another server, http://elsewhere.example:80, which is not followed");
        assertThat(failure(config("/b"))).contains("http://127.0.0.1:1, which is not followed");
        assertThat(failure(config("/c"))).contains("redirects to another server, https://");
        assertThat(failure(config("/d"))).isEqualTo(url("") + " redirects to what is no URL");
        assertThat(asked).hasSize(4);
    }

    @Test
    void aCircleOfRedirectsIsLeft() {
        redirect("/round", "/round");

        assertThat(failure(config("/round"))).isEqualTo(url("") + " redirects more than 5 times");
        assertThat(asked).hasSize(6);
    }

    @Test
    void moreThanFiftyItemsAreCutAndSaidSo() {
        answer(
                "/",
                200,
                "application/json",
                IntStream.range(0, 60)
                        .mapToObj(i -> "{\"id\":" + i + ",\"summary\":\"s\"}")
                        .collect(Collectors.joining(",", "[", "]")));

        Looked looked = Looks.look("k", check(config("/")), Views.EMPTY);

        assertThat(looked.found()).hasSize(50);
        assertThat(looked.message()).contains("50");
    }

    // ---- the server and its check

    private void on(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestURI().toString());
            handler.handle(exchange);
        });
    }

    private void answer(String path, int status, String type, String body) {
        on(path, exchange -> respond(exchange, status, type, body));
    }

    private void redirect(String path, String to) {
        on(path, exchange -> {
            exchange.getResponseHeaders().add("Location", to);
            respond(exchange, 302, "text/html", "moved");
        });
    }

    private static void respond(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private CheckConfig.Http config(String path) {
        return config(path, null);
    }

    private CheckConfig.Http config(String path, String authorization) {
        return new CheckConfig.Http(
                "invoices",
                null,
                null,
                url(path),
                authorization == null ? null : new CheckConfig.Header("Authorization", new Secret(authorization)),
                "",
                "/id",
                "/summary",
                null,
                "normal",
                "true");
    }

    private CheckConfig.Http withItems(String items) {
        return new CheckConfig.Http(
                "invoices", null, null, url("/"), null, items, "/id", "/summary", null, "normal", "true");
    }

    private CheckConfig.Http with(String urgency, String needsAction) {
        return new CheckConfig.Http(
                "invoices", null, null, url("/"), null, "", "/id", "/summary", null, urgency, needsAction);
    }

    private HttpCheck check(CheckConfig.Http config) {
        return new HttpCheck(config, client);
    }

    private List<Found> look(CheckConfig.Http config) throws Exception {
        return check(config).look(Views.EMPTY);
    }

    private String failure(CheckConfig.Http config) {
        Looked looked = Looks.look("k", check(config), Views.EMPTY);
        assertThat(looked.status()).isEqualTo(Status.FAILED);
        return looked.message();
    }
}
