package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each fault, and the protocol's edges, as the bytes on a socket. */
@Timeout(60)
class ModelServerFaultsTest {
    private static final int QUIET_MILLIS = 150;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void aWholeStreamHasItsEventsInOrderAndTheConnectionGoesOn() throws Exception {
        Wire wire = connect(server("- answer: one two"));

        for (int i = 0; i < 2; i++) {
            wire.ask("go", true);
            Head head = wire.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.headers())
                    .containsEntry("content-type", "text/event-stream; charset=utf-8")
                    .containsEntry("transfer-encoding", "chunked")
                    .containsKeys(
                            "request-id",
                            "anthropic-ratelimit-requests-limit",
                            "anthropic-ratelimit-requests-remaining",
                            "anthropic-ratelimit-requests-reset",
                            "anthropic-ratelimit-tokens-remaining",
                            "anthropic-ratelimit-input-tokens-remaining",
                            "anthropic-ratelimit-output-tokens-remaining");
            assertThat(names(wire.chunksToEnd()))
                    .containsExactly(
                            "message_start",
                            "content_block_start",
                            "ping",
                            "content_block_delta",
                            "content_block_delta",
                            "content_block_stop",
                            "message_delta",
                            "message_stop");
        }
    }

    @Test
    void hangBeforeHeadersSaysNothingUntilTheClientLeaves() throws Exception {
        ScriptedModelServer server = server("- {fault: hang_before_headers}");
        Wire wire = connect(server);

        wire.ask("go", true);

        await().until(() -> server.inFlight() == 1);
        assertThat(wire.isQuiet()).isTrue();
        wire.close();
        await().untilAsserted(() -> assertThat(server.stats().outcomes()).isEqualTo(Map.of("hang_before_headers", 1L)));
        assertThat(server.inFlight()).isZero();
    }

    @Test
    void hangMidStreamStopsAfterItsEvents() throws Exception {
        ScriptedModelServer server = server("- {answer: one two three, fault: {hang_mid_stream: 4}}");
        Wire wire = connect(server);

        wire.ask("go", true);

        assertThat(names(wire.readEvents(4)))
                .containsExactly("message_start", "content_block_start", "ping", "content_block_delta");
        assertThat(wire.isQuiet()).isTrue();
        assertThat(server.inFlight()).isEqualTo(1);
    }

    @Test
    void aHangingStreamGoesOnWithPings() throws Exception {
        Wire wire = connect(server("- {answer: one two, pings: 20ms, fault: {hang_mid_stream: 2}}"));

        wire.ask("go", true);

        List<String> names = names(wire.readEvents(6));
        assertThat(names).startsWith("message_start", "content_block_start");
        assertThat(names.subList(2, names.size())).containsOnly("ping");
    }

    @Test
    void resetBeforeHeadersIsAResetWithoutAByte() throws Exception {
        Wire wire = connect(server("- {fault: reset}"));

        wire.ask("go", true);

        assertThatThrownBy(() -> wire.in.read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void resetMidStreamComesAfterItsEvents() throws Exception {
        Wire wire = connect(server("- {answer: one two three, fault: {reset: 4}}"));

        wire.ask("go", true);

        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        assertThatThrownBy(() -> {
                    for (int b = wire.in.read(); b >= 0; b = wire.in.read()) {
                        heard.write(b);
                    }
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        assertThat(names(heard.toString(StandardCharsets.UTF_8)))
                .containsExactly("message_start", "content_block_start", "ping", "content_block_delta");
    }

    @Test
    void resetAfterNoEventsStillSendsTheHeaders() throws Exception {
        Wire wire = connect(server("- {answer: one, fault: {reset: 0}}"));

        wire.ask("go", true);

        assertThat(wire.head().status()).isEqualTo(200);
        assertThatThrownBy(() -> wire.in.read()).isInstanceOf(SocketException.class);
    }

    @Test
    void cutClosesWithinTheBody() throws Exception {
        Wire wire = connect(server("- {answer: one two three, fault: {cut: 5}}"));

        wire.ask("go", true);

        String heard = wire.readToEnd();
        assertThat(names(heard)).hasSize(5).doesNotContain("message_stop");
        assertThat(heard).doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void aCleanCutEndsTheBodyButNotTheMessage() throws Exception {
        Wire wire = connect(server("- {answer: one two three, fault: {cut: 5, clean: true}}"));

        wire.ask("go", true);

        String heard = wire.readToEnd();
        assertThat(names(heard)).hasSize(5).doesNotContain("message_stop");
        assertThat(heard).endsWith("0\r\n\r\n");
    }

    @Test
    void withoutACountHalfOfTheEventsCome() throws Exception {
        Wire wire = connect(server("- {answer: one two three, fault: cut}"));

        wire.ask("go", true);

        assertThat(names(wire.readToEnd())).hasSize(4); // of nine
    }

    @Test
    void anErrorInTheStreamIsTheLastEvent() throws Exception {
        Wire wire = connect(server("- {answer: one two, fault: {stream_error: overloaded_error, after: 4}}"));

        wire.ask("go", true);

        String heard = wire.readToEnd();
        assertThat(names(heard)).hasSize(5).endsWith("error");
        assertThat(heard)
                .contains("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}");
    }

    @Test
    void aMalformedEventStandsAmongGoodOnes() throws Exception {
        Wire wire = connect(server("- {answer: one two, fault: {malformed_event: 4, data: 'no {json'}}"));

        wire.ask("go", true);

        wire.head();
        String heard = wire.chunksToEnd();
        assertThat(heard).contains("event: content_block_delta\ndata: no {json\n\n");
        assertThat(names(heard)).hasSize(9).endsWith("message_stop");
    }

    @Test
    void splitCharactersPutsEachByteInAChunkOfItsOwn() throws Exception {
        Wire wire = connect(server("- {answer: aü🌍b, fault: split_characters}"));

        wire.ask("go", true);

        wire.head();
        List<byte[]> chunks = wire.chunks();
        assertThat(chunks.stream().filter(chunk -> chunk.length == 1 && chunk[0] < 0))
                .hasSize(6);
        assertThat(chunks).noneMatch(chunk -> chunk.length > 1 && hasHighByte(chunk));
        assertThat(join(chunks)).contains("\"text\":\"aü🌍b\"");
    }

    @Test
    void anAnswerSentWholeBreaksInTheMiddleOfItsBody() throws Exception {
        Wire wire = connect(server("- {answer: one two three, fault: cut}"));

        wire.ask("go", false);

        Head head = wire.head();
        int length = Integer.parseInt(head.headers().get("content-length"));
        assertThat(wire.readToEnd()).hasSize(length / 2);
    }

    @Test
    void pacedWordsTakeTheirTime() throws Exception {
        Wire wire = connect(server("""
                - answer: a b c d e f g h i j k
                  latency: {headers: 50ms, firstToken: 50ms}
                  tokensPerSecond: 100
                """));

        long start = System.nanoTime();
        wire.ask("go", true);
        wire.head();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(49));
        wire.chunksToEnd();

        // 50 ms, 50 ms and ten times 10 ms; the upper bound only says that it is not off by a factor.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(199), Duration.ofSeconds(5));
    }

    @Test
    void aClientThatDoesNotReadStopsTheStreamAndOneThatReadsOnGetsTheRest() throws Exception {
        ScriptedModelServer server = server("- {fault: {huge: 30000000}, chunk: 1000}");
        Wire wire = connect(server);

        wire.ask("go", true);
        wire.head();

        long[] before = {-1};
        await().pollInterval(Duration.ofMillis(100)).until(() -> {
            long now = server.stats().deltas();
            boolean stands = now == before[0] && now > 0;
            before[0] = now;
            return stands;
        });
        assertThat(server.stats().deltas()).isLessThan(30_000);
        assertThat(names(wire.chunksToEnd())).endsWith("message_stop");
        assertThat(server.stats().deltas()).isEqualTo(30_000);
    }

    @Test
    void aClientThatLeavesIsCounted() throws Exception {
        ScriptedModelServer server = server("- {answer: a b c d e f, tokensPerSecond: 1}");
        Wire wire = connect(server);
        wire.ask("go", true);
        wire.head();

        wire.close();

        await().untilAsserted(() -> assertThat(server.stats().outcomes()).isEqualTo(Map.of("client_closed", 1L)));
        assertThat(server.inFlight()).isZero();
        await().untilAsserted(() -> assertThat(server.stats().connections()).isZero());
    }

    @Test
    void closingTheServerEndsItsStreamsAndClosingTwiceIsHarmless() throws Exception {
        ScriptedModelServer server = server("- {answer: a b c, tokensPerSecond: 1}");
        Wire wire = connect(server);
        wire.ask("go", true);
        wire.head();

        server.close();
        server.close();

        assertThat(wire.readToEnd()).doesNotContain("message_stop");
        assertThatThrownBy(() -> connect(server)).isInstanceOf(IOException.class);
    }

    @Test
    void headersAreChecked() throws Exception {
        Wire wire = connect(server("- answer: x"));
        String json = "content-type: application/json\r\n";
        String version = "anthropic-version: 2023-06-01\r\n";

        assertRefused(wire.send("POST", "/v1/messages", json, "{}"), 400, "anthropic-version: header is required");
        assertRefused(
                wire.send("POST", "/v1/messages", json + "anthropic-version: 1999-01-01\r\n", "{}"),
                400,
                "anthropic-version: \"1999-01-01\" is not a valid version");
        assertRefused(
                wire.send("POST", "/v1/messages", version, "{}"), 400, "content-type: should be application/json");
        assertRefused(wire.send("POST", "/v1/messages", json + version, "{"), 400, "not valid JSON");
        assertRefused(wire.send("GET", "/v1/messages", json + version, ""), 405, "Method Not Allowed");
        assertRefused(wire.send("POST", "/v1/messages", json + version, "{}"), 400, "model: Field required");
        assertRefused(wire.send("POST", "/v2/other", json + version, "{}"), 404, "Not found: /v2/other");
    }

    @Test
    void theKeyIsTakenFromEitherHeader() throws Exception {
        Wire wire =
                connect(start(ScriptedModelServer.Options.defaults().instant().withApiKey("right")));
        String good = "content-type: application/json\r\nanthropic-version: 2023-06-01\r\n";

        assertRefused(wire.send("POST", "/v1/messages", good, "{}"), 401, "x-api-key header is required");
        assertRefused(wire.send("POST", "/v1/messages", good + "x-api-key: wrong\r\n", "{}"), 401, "invalid x-api-key");
        assertRefused(
                wire.send("POST", "/v1/messages", good + "authorization: Bearer wrong\r\n", "{}"),
                401,
                "Invalid bearer token");
        assertRefused(wire.send("POST", "/v1/messages", good + "x-api-key: right\r\n", "{}"), 400, "model");
        assertRefused(wire.send("POST", "/v1/messages", good + "authorization: Bearer right\r\n", "{}"), 400, "model");
    }

    @Test
    void aBodyBeyondTheLimitIsRefused() throws Exception {
        Wire wire = connect(server("- answer: x"));

        // Only announced: the server does not wait for what it will not take.
        wire.write("POST", "/v1/messages", "content-type: application/json\r\n", 33 * 1024 * 1024, "");

        Head head = wire.head();
        assertThat(head.status()).isEqualTo(413);
        assertThat(wire.body(head)).contains("request_too_large");
    }

    @Test
    void theStatsAreOnePageOfJson() throws Exception {
        ScriptedModelServer server = server("- {match: no, fault: {status: 429}}\n- answer: one two");
        Wire wire = connect(server);
        wire.ask("go", true);
        wire.head();
        wire.chunksToEnd();
        wire.ask("no", true);
        wire.body(wire.head());

        Response stats = wire.send("GET", "/stats", "", "");

        JsonNode json = JsonMapper.shared().readTree(stats.body());
        assertThat(json.path("calls").asInt()).isEqualTo(2);
        assertThat(json.path("inFlight").asInt()).isZero();
        assertThat(json.path("deltas").asInt()).isEqualTo(2);
        assertThat(json.path("outcomes")).hasToString("{\"completed\":1,\"status_429\":1}");
    }

    private static void assertRefused(Response response, int status, String message) {
        JsonNode json = JsonMapper.shared().readTree(response.body());
        assertThat(response.head().status()).isEqualTo(status);
        assertThat(json.path("type").asString()).isEqualTo("error");
        assertThat(json.path("error").path("message").asString()).contains(message);
    }

    private ScriptedModelServer server(String script) {
        return start(ScriptedModelServer.Options.defaults().instant().withScript(Script.parse(script, "test")));
    }

    private ScriptedModelServer start(ScriptedModelServer.Options options) {
        ScriptedModelServer server = ScriptedModelServer.start(options);
        open.add(server);
        return server;
    }

    private Wire connect(ScriptedModelServer server) throws IOException {
        Wire wire = new Wire(server.port());
        open.add(wire);
        return wire;
    }

    private static boolean hasHighByte(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return true;
            }
        }
        return false;
    }

    private static String join(List<byte[]> chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        chunks.forEach(all::writeBytes);
        return all.toString(StandardCharsets.UTF_8);
    }

    /** The names of the events, in order. */
    private static List<String> names(String stream) {
        return stream.lines()
                .filter(line -> line.startsWith("event: "))
                .map(line -> line.substring("event: ".length()))
                .toList();
    }

    private record Head(int status, Map<String, String> headers) {}

    private record Response(Head head, String body) {}

    /** A client that sees bytes. */
    private static final class Wire implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        Wire(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            in = socket.getInputStream();
        }

        void ask(String text, boolean stream) throws IOException {
            write(
                    "POST",
                    "/v1/messages",
                    "content-type: application/json\r\nanthropic-version: 2023-06-01\r\n",
                    "{\"model\":\"m\",\"max_tokens\":100,\"stream\":" + stream
                            + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");
        }

        Response send(String method, String path, String headers, String body) throws IOException {
            write(method, path, headers, body);
            Head head = head();
            return new Response(head, body(head));
        }

        private void write(String method, String path, String headers, String body) throws IOException {
            write(method, path, headers, body.length(), body);
        }

        private void write(String method, String path, String headers, int length, String body) throws IOException {
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.1\r\nhost: x\r\n" + headers + "content-length: " + length
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
        }

        Head head() throws IOException {
            String status = line();
            Map<String, String> headers = new LinkedHashMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                headers.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
            }
            return new Head(Integer.parseInt(status.substring(9, 12)), headers);
        }

        String body(Head head) throws IOException {
            int length = Integer.parseInt(head.headers().get("content-length"));
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }

        List<byte[]> chunks() throws IOException {
            List<byte[]> chunks = new ArrayList<>();
            while (true) {
                int length = Integer.parseInt(line(), 16);
                byte[] chunk = in.readNBytes(length);
                line();
                if (length == 0) {
                    return chunks;
                }
                chunks.add(chunk);
            }
        }

        String chunksToEnd() throws IOException {
            return join(chunks());
        }

        String readToEnd() throws IOException {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }

        /** Reads head and body until so many events have ended. */
        String readEvents(int count) throws IOException {
            StringBuilder heard = new StringBuilder();
            for (int ended = 0; ended < count; ) {
                int b = in.read();
                if (b < 0) {
                    throw new IOException("the connection was closed after " + heard);
                }
                heard.append((char) b);
                if (b == '\n' && heard.length() > 1 && heard.charAt(heard.length() - 2) == '\n') {
                    ended++;
                }
            }
            return heard.toString();
        }

        /** Whether the connection is open and nothing comes for a while, but for the end of a chunk. */
        boolean isQuiet() throws IOException {
            socket.setSoTimeout(QUIET_MILLIS);
            try {
                int b = in.read();
                while (b == '\r' || b == '\n') {
                    b = in.read();
                }
                return false;
            } catch (SocketTimeoutException quiet) {
                return true;
            }
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("the connection was closed after " + line);
                }
                if (b != '\r') {
                    line.write(b);
                }
            }
            return line.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
