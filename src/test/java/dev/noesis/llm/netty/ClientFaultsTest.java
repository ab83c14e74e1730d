package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.END;
import static dev.noesis.llm.netty.FakeServer.Answers.HEAD;
import static dev.noesis.llm.netty.FakeServer.Answers.PING;
import static dev.noesis.llm.netty.FakeServer.Answers.START;
import static dev.noesis.llm.netty.FakeServer.Answers.STOP;
import static dev.noesis.llm.netty.FakeServer.Answers.STOP_REASON;
import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static dev.noesis.llm.netty.FakeServer.Answers.chunk;
import static dev.noesis.llm.netty.FakeServer.Answers.delta;
import static dev.noesis.llm.netty.FakeServer.Answers.error;
import static dev.noesis.llm.netty.FakeServer.Answers.errorBody;
import static dev.noesis.llm.netty.FakeServer.Answers.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RecordingListener;
import dev.noesis.model.Usage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each limit and each fault ends a call in the outcome that names it, and gives its permit back. */
class ClientFaultsTest extends ClientFixture {
    private static final Duration SHORT = Duration.ofMillis(250);

    // ---- limits of time

    @Test
    void noAnswerAtAll() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.awaitGone();
        });
        assertFails(new TestConfig(server.url()).firstByte(SHORT), Kind.FIRST_BYTE_TIMEOUT, false);
    }

    @Test
    void aServerThatDoesNotEvenReadTheRequest() throws Exception {
        FakeServer server = server(peer -> Thread.currentThread().join(20_000));
        NettyLlmClient client = client(new TestConfig(server.url()).firstByte(SHORT));
        RecordingListener heard =
                start(client, request("y".repeat(20_000_000), 60_000)).heard();

        assertThat(heard.failure().kind()).isEqualTo(Kind.FIRST_BYTE_TIMEOUT);
        awaitQuiet(client, 0);
    }

    @Test
    void headersThatStopHalfway() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Ty");
            peer.awaitGone();
        });
        assertFails(new TestConfig(server.url()).idle(SHORT), Kind.IDLE_TIMEOUT, false);
    }

    @Test
    void aStreamThatFallsSilent() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hel"));
            peer.awaitGone();
        });
        assertFails(new TestConfig(server.url()).idle(SHORT), Kind.IDLE_TIMEOUT, true);
    }

    @Test
    void aStreamOfNothingButPings() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            while (!peer.goneWithin(20)) {
                peer.send(PING);
            }
        });
        assertFails(new TestConfig(server.url()).progress(SHORT), Kind.PROGRESS_TIMEOUT, false);
    }

    @Test
    void aCallThatTakesTooLongByTheClientsLimit() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            while (!peer.goneWithin(20)) {
                peer.send(delta("x"));
            }
        });
        assertFails(new TestConfig(server.url()).call(SHORT), Kind.CALL_TIMEOUT, true);
    }

    @Test
    void aCallThatTakesTooLongByItsOwnLimit() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.awaitGone();
        });
        NettyLlmClient client = client(new TestConfig(server.url()));

        assertThat(start(client, request(250)).heard().failure().kind()).isEqualTo(Kind.CALL_TIMEOUT);
        awaitQuiet(client, 0);
    }

    @Test
    void noFreeConnectionInTime() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            peer.readRequest();
            asked.countDown();
            peer.awaitGone();
        });
        NettyLlmClient client =
                client(new TestConfig(server.url()).connections(1).acquire(SHORT));
        Started holder = start(client);
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

        long before = System.nanoTime();
        assertThat(start(client).heard().failure().kind()).isEqualTo(Kind.ACQUIRE_TIMEOUT);
        assertThat(System.nanoTime() - before).isGreaterThan(SHORT.toNanos() * 9 / 10);
        assertThat(client.stats().waiting()).isZero();
        holder.call().cancel();
        awaitQuiet(client, 0);
    }

    @Test
    void tooManyWait() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            peer.readRequest();
            asked.countDown();
            peer.awaitGone();
        });
        NettyLlmClient client =
                client(new TestConfig(server.url()).connections(1).maxWaiters(1));
        Started holder = start(client);
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        Started waiter = start(client);

        assertThat(start(client).heard().failure().kind()).isEqualTo(Kind.ACQUIRE_QUEUE_FULL);
        waiter.call().cancel();
        holder.call().cancel();
        awaitQuiet(client, 0);
    }

    @Test
    void aConnectionThatIsNotAcceptedInTime() throws Exception {
        // a queue of one that is full: the kernel drops what comes on top
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NettyLlmClient client = client(new TestConfig(URI.create("http://127.0.0.1:" + deaf.getLocalPort()))
                    .connect(SHORT)
                    .connections(20));
            for (int i = 0; i < 3; i++) {
                start(client); // fill the queue; they hang before headers until the client is closed
            }
            RecordingListener heard = start(client).heard();
            assertThat(heard.failure().kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
        }
    }

    @Test
    void aServerThatDoesNotListen() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        LlmFailure failure =
                assertFails(new TestConfig(URI.create("http://127.0.0.1:" + port)), Kind.CONNECT_FAILED, false);
        assertThat(failure.message()).contains("127.0.0.1:" + port);
    }

    @Test
    void aHostThatDoesNotExist() {
        // a label this long cannot be, so that nobody is asked for it
        URI nowhere = URI.create("http://" + "x".repeat(70) + ".invalid");
        LlmFailure failure = assertFails(new TestConfig(nowhere), Kind.CONNECT_FAILED, false);
        assertThat(failure.message()).contains("unknown");
    }

    // ---- connections that break

    @Test
    void aConnectionThatBreaksBeforeTheHeaders() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.reset();
        });
        assertFails(new TestConfig(server.url()), Kind.CONNECTION_LOST, false);
        assertThat(server.connections())
                .as("a new connection is not tried again")
                .isEqualTo(1);
    }

    @Test
    void aConnectionThatIsClosedBeforeTheHeaders() throws Exception {
        FakeServer server = server(FakeServer.Peer::readRequest);
        assertFails(new TestConfig(server.url()), Kind.CONNECTION_LOST, false);
    }

    @Test
    void aConnectionThatBreaksWithinTheHeaders() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Ty");
        });
        assertFails(new TestConfig(server.url()), Kind.CONNECTION_LOST, false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReusedConnectionThatBreaksBeforeAnyByteIsReplacedOnce(boolean reset) throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(answer("Hello"));
            peer.readRequest();
            if (reset) {
                peer.reset();
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();
        awaitQuiet(client, 1);

        assertThat(call(client).text()).isEqualTo("Hello");
        assertThat(server.connections()).isEqualTo(2);
        assertThat(client.stats().freeRetries()).isEqualTo(1);
        awaitQuiet(client, 1);
    }

    @Test
    void theFreeRetryIsOnlyOne() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            if (peer.number() == 1) {
                peer.send(answer("Hello"));
                peer.readRequest();
            }
            peer.reset();
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();
        awaitQuiet(client, 1);

        assertThat(call(client).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
        assertThat(server.connections()).isEqualTo(2);
        awaitQuiet(client, 0);
    }

    @Test
    void aReusedConnectionThatBreaksAfterTheFirstByteIsNotReplaced() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(answer("Hello"));
            peer.readRequest();
            peer.send("H");
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();
        awaitQuiet(client, 1);

        assertThat(call(client).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
        assertThat(client.stats().freeRetries()).isZero();
    }

    @Test
    void aStreamThatBreaks() throws Exception {
        Semaphore heardIt = new Semaphore(0);
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hel"));
            heardIt.acquire();
            peer.reset();
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        RecordingListener listener = heard(new RecordingListener() {
            @Override
            public void onText(String delta) {
                super.onText(delta);
                heardIt.release();
            }
        });
        client.start(request(60_000), listener);

        assertThat(listener.outcome()).isInstanceOfSatisfying(LlmOutcome.Failed.class, failed -> {
            assertThat(failed.failure().kind()).isEqualTo(Kind.STREAM_CUT);
            assertThat(failed.partial()).isTrue();
            assertThat(failed.usage()).isEqualTo(new Usage(3, 1, 0, 0));
        });
        awaitQuiet(client, 0);
    }

    @Test
    void aStreamThatEndsProperlyButWithoutItsTerminalEvent() throws Exception {
        FakeServer server = server(FakeServer.always(HEAD + START + delta("Hel") + END));
        NettyLlmClient client = client(new TestConfig(server.url()));

        assertThat(call(client).failure().kind()).isEqualTo(Kind.STREAM_CUT);
        awaitQuiet(client, 1);
    }

    @Test
    void aStreamThatIsClosedInMidstream() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hel"));
        });
        assertFails(new TestConfig(server.url()), Kind.STREAM_CUT, true);
    }

    @Test
    void aStreamWithoutLengthThatIsClosedInMidstream() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                    + event("message_start", "{\"message\":{\"model\":\"model-a\"}}"));
        });
        assertFails(new TestConfig(server.url()), Kind.STREAM_CUT, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {END, ""})
    void anAnswerThatLacksOnlyItsLastEventIsTaken(String end) throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hello") + STOP_REASON + end);
        });
        NettyLlmClient client = client(new TestConfig(server.url()));

        assertThat(call(client).completed().usage()).isEqualTo(new Usage(3, 9, 0, 0));
        assertThat(client.stats().missingTerminalEvents()).isEqualTo(1);
    }

    @Test
    void anAnswerThatLacksOnlyItsLastEventIsTakenAlsoWhenTheServerHangs() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hello") + STOP_REASON);
            peer.awaitGone();
        });
        NettyLlmClient client = client(new TestConfig(server.url()).idle(SHORT));

        assertThat(call(client).completed().stopReason()).isEqualTo("end_turn");
        assertThat(client.stats().missingTerminalEvents()).isEqualTo(1);
        awaitQuiet(client, 0);
    }

    // ---- errors of the server

    @Test
    void tooManyRequests() throws Exception {
        FakeServer server = server(FakeServer.always(error(
                429,
                Map.of("retry-after", "7", "request-id", "req_1", "x-should-retry", "true"),
                errorBody("rate_limit_error"))));
        NettyLlmClient client = client(new TestConfig(server.url()));

        assertThat(call(client).failure())
                .isEqualTo(new LlmFailure(
                        Kind.HTTP_STATUS, "HTTP 429: rate_limit_error: Sorry", 429, 7_000L, true, "req_1"));
        awaitQuiet(client, 1);
        call(client);
        assertThat(server.connections())
                .as("an error's connection is as good as any")
                .isEqualTo(1);
    }

    @Test
    void overloaded() throws Exception {
        FakeServer server = server(FakeServer.always(error(529, Map.of(), errorBody("overloaded_error"))));

        assertThat(call(client(new TestConfig(server.url()))).failure())
                .isEqualTo(new LlmFailure(
                        Kind.HTTP_STATUS, "HTTP 529: overloaded_error: Sorry", 529, null, null, "req_9"));
    }

    @Test
    void anErrorWhoseBodyDoesNotEndIsKnownByItsStatus() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 503 Busy\r\nretry-after: 3\r\nContent-Length: 100\r\n\r\nhalf");
            peer.awaitGone();
        });
        NettyLlmClient client = client(new TestConfig(server.url()).idle(SHORT));

        LlmFailure failure = call(client).failure();
        assertThat(failure.kind()).isEqualTo(Kind.HTTP_STATUS);
        assertThat(failure.retryAfterMs()).isEqualTo(3_000);
        awaitQuiet(client, 0);
    }

    @Test
    void anErrorWhoseConnectionBreaksIsKnownByItsStatus() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf");
        });
        LlmFailure failure = assertFails(new TestConfig(server.url()), Kind.HTTP_STATUS, false);
        assertThat(failure.status()).isEqualTo(500);
    }

    @Test
    void anErrorOfEndlessBodyIsReadUpToABound() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                peer.send(chunk("x".repeat(10_000)));
            }
        });
        LlmFailure failure = assertFails(new TestConfig(server.url()), Kind.HTTP_STATUS, false);
        assertThat(failure.message()).hasSizeLessThan(500);
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        FakeServer server = server(FakeServer.always(error(302, Map.of("location", "http://elsewhere.invalid/"), "")));
        assertThat(call(client(new TestConfig(server.url()))).failure().status())
                .isEqualTo(302);
    }

    @Test
    void anErrorWithinTheStream() throws Exception {
        FakeServer server = server(FakeServer.always(
                HEAD + START + delta("Hel") + chunk(event("error", errorBody("overloaded_error"))) + END));
        LlmFailure failure = assertFails(new TestConfig(server.url()), Kind.STREAM_ERROR, true);
        assertThat(failure.status()).isEqualTo(529);
        assertThat(failure.requestId()).isEqualTo("req_9");
    }

    // ---- what is no protocol

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
                "SSH-2.0-Server\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
            })
    void aResponseThatIsNoEventStream(String response) throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(response);
            peer.awaitGone();
        });
        assertFails(new TestConfig(server.url()), Kind.PROTOCOL, false);
    }

    @Test
    void headersWithoutEnd() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\n");
            while (true) {
                peer.send("x-filler: " + "y".repeat(1_000) + "\r\n");
            }
        });
        assertFails(new TestConfig(server.url()), Kind.PROTOCOL, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":", "not json", "{\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\u0001\"}}"
            })
    void aMalformedEvent(String data) throws Exception {
        FakeServer server =
                server(FakeServer.always(HEAD + START + chunk(event("content_block_delta", data)) + STOP + END));
        LlmFailure failure = assertFails(new TestConfig(server.url()), Kind.PROTOCOL, false);
        assertThat(failure.requestId()).isEqualTo("req_1");
    }

    @Test
    void aLineWithoutEnd() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + chunk("data: "));
            while (true) {
                peer.send(chunk("x".repeat(60_000)));
            }
        });
        LlmFailure failure = assertFails(new TestConfig(server.url()), Kind.PROTOCOL, false);
        assertThat(failure.message()).contains("line");
    }

    @Test
    void anAnswerWithoutEnd() throws Exception {
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            while (true) {
                peer.send(delta("x".repeat(10_000)));
            }
        });
        assertFails(new TestConfig(server.url()).maxAnswerBytes(100_000), Kind.ANSWER_TOO_LARGE, true);
    }

    @Test
    void aListenerThatThrowsEndsItsCallAndNoOther() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        RecordingListener throwing = heard(new RecordingListener() {
            @Override
            public void onText(String delta) {
                throw new IllegalStateException("thrown by the test");
            }

            @Override
            public void onEnd(LlmOutcome outcome) {
                super.onEnd(outcome);
                throw new IllegalStateException("thrown by the test at the end");
            }
        });
        client.start(request(60_000), throwing);

        assertThat(throwing.failure().kind()).isEqualTo(Kind.INTERNAL);
        call(client).completed();
        awaitQuiet(client, 1);
    }

    private LlmFailure assertFails(TestConfig config, Kind kind, boolean partial) {
        NettyLlmClient client = client(config);
        long before = System.nanoTime();
        LlmOutcome outcome = call(client).outcome();

        assertThat(outcome).isInstanceOf(LlmOutcome.Failed.class);
        LlmOutcome.Failed failed = (LlmOutcome.Failed) outcome;
        assertThat(failed.failure().kind()).as(failed.failure().message()).isEqualTo(kind);
        assertThat(failed.partial()).isEqualTo(partial);
        assertThat(failed.failure().message()).isNotBlank();
        long tookMs = Duration.ofNanos(System.nanoTime() - before).toMillis();
        assertThat(tookMs).isLessThan(8_000);
        if (kind.name().endsWith("TIMEOUT")) {
            assertThat(tookMs).isGreaterThan(SHORT.toMillis() * 9 / 10);
        }
        awaitQuiet(client, client.stats().idle());
        return failed.failure();
    }
}
