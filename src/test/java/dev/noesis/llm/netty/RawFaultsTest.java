package dev.noesis.llm.netty;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static dev.noesis.llm.netty.FakeServer.Answers.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults below HTTP, and answers of servers that are none of the provider's, from a server that we did not write. */
class RawFaultsTest extends ClientFixture {
    private static final String STREAM = event(
                    "message_start",
                    "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}")
            + event(
                    "content_block_start",
                    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
            + event(
                    "content_block_delta",
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Grüße\"}}")
            + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
            + event(
                    "message_delta",
                    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}")
            + event("message_stop", "{\"type\":\"message_stop\"}");

    private static WireMockServer server;

    @BeforeAll
    static void start() {
        server = new WireMockServer(WireMockConfiguration.options()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .gzipDisabled(true)
                .containerThreads(10));
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTION_RESET_BY_PEER, CONNECTION_LOST",
        "EMPTY_RESPONSE, CONNECTION_LOST",
        "RANDOM_DATA_THEN_CLOSE, CONNECTION_LOST"
    })
    void aConnectionThatBreaksIsToldByHowItDoes(Fault fault, Kind kind) {
        answer(aResponse().withFault(fault));
        NettyLlmClient client = client();
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).as(failure.message()).isEqualTo(kind);
        awaitQuiet(client, 0);
    }

    @Test
    void aStreamWhoseChunksAreMalformedIsNotTakenForAnAnswer() {
        answer(stream().withFault(Fault.MALFORMED_RESPONSE_CHUNK));
        NettyLlmClient client = client();
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).as(failure.message()).isIn(Kind.PROTOCOL, Kind.STREAM_CUT);
        awaitQuiet(client, 0);
    }

    @Test
    void anAnswerThatDribblesComesThroughWhole() {
        answer(stream().withBody(STREAM).withChunkedDribbleDelay(200, 600));
        NettyLlmClient client = client();

        assertThat(call(client).text()).isEqualTo("Grüße");
        await().until(() -> client.stats().connections() == client.stats().idle());
    }

    @Test
    void aPageInPlaceOfAStreamIsToldByItsType() {
        answer(aResponse().withHeader("Content-Type", "text/html").withBody("<html>Sign in</html>"));
        LlmFailure failure = call(client()).failure();

        assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure.message()).contains("text/html");
    }

    @Test
    void aStreamThatIsCompressedUnaskedIsToldByItsEncoding() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(STREAM.getBytes(StandardCharsets.UTF_8));
        }
        answer(stream().withHeader("Content-Encoding", "gzip").withBody(zipped.toByteArray()));
        LlmFailure failure = call(client()).failure();

        assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure.message()).contains("compressed as gzip");
    }

    @Test
    void anAnswerThatComesTooLateIsNotWaitedFor() {
        answer(stream().withBody(STREAM).withFixedDelay(5_000));
        NettyLlmClient client = client(new TestConfig(url()).firstByte(Duration.ofMillis(300)));

        assertThat(call(client).failure().kind()).isEqualTo(Kind.FIRST_BYTE_TIMEOUT);
        awaitQuiet(client, 0);
    }

    private static ResponseDefinitionBuilder stream() {
        return aResponse().withHeader("Content-Type", "text/event-stream");
    }

    private static void answer(ResponseDefinitionBuilder response) {
        server.resetAll();
        server.stubFor(post(urlEqualTo("/v1/messages")).willReturn(response));
    }

    private NettyLlmClient client() {
        return client(new TestConfig(url()));
    }

    private static URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }
}
