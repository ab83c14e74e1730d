package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.END;
import static dev.noesis.llm.netty.FakeServer.Answers.HEAD;
import static dev.noesis.llm.netty.FakeServer.Answers.START;
import static dev.noesis.llm.netty.FakeServer.Answers.STOP;
import static dev.noesis.llm.netty.FakeServer.Answers.STOP_REASON;
import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static dev.noesis.llm.netty.FakeServer.Answers.chunk;
import static dev.noesis.llm.netty.FakeServer.Answers.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.LlmConfig.Auth;
import dev.noesis.config.Secret;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RateLimits;
import dev.noesis.llm.Recorded;
import dev.noesis.llm.RecordingListener;
import dev.noesis.model.Content;
import dev.noesis.model.Usage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NettyLlmClientTest extends ClientFixture {
    @Test
    void anAnswerIsStreamedAndGathered() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));

        RecordingListener heard = call(client);

        assertThat(heard.completed())
                .isEqualTo(new LlmOutcome.Completed(
                        List.of(new Content.Text("Hello")), "end_turn", new Usage(3, 9, 0, 0), "model-a"));
        assertThat(heard.heard()).containsExactly("text:Hello");
    }

    @Test
    void theRecordedStreamComesThroughByteByByte() throws Exception {
        byte[] recorded = Recorded.stream();
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " + recorded.length
                    + "\r\n\r\n");
            for (byte b : recorded) {
                peer.send(new byte[] {b});
            }
            peer.awaitGone();
        });

        assertThat(call(client(new TestConfig(server.url()))).outcome()).isEqualTo(Recorded.OUTCOME);
    }

    @Test
    void theRequestSaysWhatTheProviderWants() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        FakeServer server = server(peer -> {
            for (String request = peer.readRequest(); request != null; request = peer.readRequest()) {
                requests.add(request);
                peer.send(answer("Hello"));
            }
        });

        call(client(new TestConfig(URI.create(server.url() + "/proxy/"))));
        call(client(new TestConfig(server.url("localhost")).auth(Auth.BEARER, new Secret("token"))));
        call(client(new TestConfig(server.url()).auth(Auth.X_API_KEY, null)));

        assertThat(requests.poll())
                .startsWith("POST /proxy/v1/messages HTTP/1.1\r\n")
                .contains("\r\nhost: " + server.url().getAuthority() + "\r\n")
                .contains("\r\nx-api-key: " + TestConfig.KEY + "\r\n")
                .contains("\r\nanthropic-version: 2023-06-01\r\n")
                .contains("\r\ncontent-type: application/json\r\n")
                .contains("\r\naccept: text/event-stream\r\n")
                .contains("\r\naccept-encoding: identity\r\n")
                .contains("{\"model\":\"model-a\"");
        assertThat(requests.poll())
                .startsWith("POST /v1/messages HTTP/1.1\r\n")
                .contains("\r\nauthorization: Bearer token\r\n")
                .contains("\r\nhost: localhost:")
                .doesNotContain("x-api-key");
        assertThat(requests.poll()).doesNotContain("x-api-key").doesNotContain("authorization");
    }

    @Test
    void aConnectionIsUsedAgainAfterTheLastContentOfAKeptAliveResponse() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        for (int i = 0; i < 20; i++) {
            call(client).completed();
            awaitQuiet(client, 1);
        }

        assertThat(server.connections()).isEqualTo(1);
        assertThat(client.stats().opened()).isEqualTo(1);
        assertThat(client.stats().reused()).isEqualTo(19);
    }

    @Test
    void withSeveralEventLoopsAnyCallMayUseAnyConnection() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client =
                client(new TestConfig(server.url()).eventLoops(3).connections(2).maxWaiters(1_000));
        List<RecordingListener> calls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            calls.add(start(client).heard());
        }

        assertThat(calls).allMatch(c -> c.completed().stopReason().equals("end_turn"));
        assertThat(server.connections()).isEqualTo(2);
        awaitQuiet(client, 2);
    }

    @Test
    void aConnectionThatTheServerDoesNotKeepIsNotUsedAgain() throws Exception {
        FakeServer server =
                server(FakeServer.always(answer("Hello").replaceFirst("\r\n\r\n", "\r\nConnection: close\r\n\r\n")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();
        awaitQuiet(client, 0);
        call(client).completed();

        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void theOutcomeDoesNotWaitForTheEndOfTheResponseAndTheConnectionDoes() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            while (peer.readRequest() != null) {
                peer.send(HEAD + START + delta("Hello") + STOP_REASON + STOP);
                ended.await();
                peer.send(END);
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();

        assertThat(client.stats().idle()).isZero();
        assertThat(client.stats().connections()).isEqualTo(1);
        ended.countDown();
        awaitQuiet(client, 1);
    }

    @Test
    void aConnectionWhoseResponseDoesNotEndIsClosed() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START + delta("Hello") + STOP_REASON + STOP);
            peer.awaitGone();
            gone.countDown();
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();

        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
        awaitQuiet(client, 0);
    }

    @Test
    void anIdleConnectionThatTheServerClosesOrTalksOnLeavesThePool() throws Exception {
        Semaphore go = new Semaphore(0);
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(answer("Hello"));
            go.acquire();
            if (peer.number() == 2) {
                peer.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
                peer.awaitGone();
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url()));
        for (int i = 0; i < 2; i++) {
            call(client).completed();
            awaitQuiet(client, 1);
            go.release();
            awaitQuiet(client, 0);
        }
    }

    @Test
    void anUnusedConnectionIsClosedInTime() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()).connectionIdle(Duration.ofMillis(200)));
        call(client).completed();

        awaitQuiet(client, 0);
    }

    @Test
    void informationalResponsesArePassedOver() throws Exception {
        FakeServer server = server(FakeServer.always(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));

        assertThat(call(client).text()).isEqualTo("Hello");
        awaitQuiet(client, 1);
    }

    @Test
    void anAnswerOfAMebibyteInOneEventComesThrough() throws Exception {
        String large = "x€🚀y".repeat(1024 * 1024 / 9);
        FakeServer server = server(FakeServer.always(answer(large)));

        assertThat(call(client(new TestConfig(server.url()))).completed().content())
                .containsExactly(new Content.Text(large));
    }

    @Test
    void aLargeRequestIsSentWhole() throws Exception {
        AtomicReference<String> received = new AtomicReference<>();
        FakeServer server = server(peer -> {
            received.set(peer.readRequest());
            peer.send(answer("Hello"));
            peer.awaitGone();
        });
        String large = "y".repeat(5_000_000);
        RecordingListener heard = start(client(new TestConfig(server.url())), request(large, 60_000))
                .heard();

        heard.completed();
        assertThat(received.get()).contains(large);
    }

    @Test
    void aRequestOverTheProvidersLimitIsNotSent() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        RecordingListener heard =
                start(client, request("y".repeat(32_000_000), 60_000)).heard();

        assertThat(heard.failure().kind()).isEqualTo(Kind.REQUEST_TOO_LARGE);
        assertThat(server.connections()).isZero();
    }

    @Test
    void aPauseReallyStopsTheServerAndStopsTheClocks() throws Exception {
        AtomicLong sent = new AtomicLong();
        String piece = delta("x") + chunk(": " + "y".repeat(60_000) + "\n");
        int pieces = 400; // 24 MB: more than all buffers between hold
        CountDownLatch paused = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            for (int i = 0; i < pieces; i++) {
                peer.send(piece);
                if (sent.incrementAndGet() == 1) {
                    // all of it may be there before the test has woken to say stop
                    paused.await();
                }
            }
            peer.send(STOP_REASON + STOP + END);
            peer.awaitGone();
        });
        NettyLlmClient client =
                client(new TestConfig(server.url()).idle(Duration.ofSeconds(2)).progress(Duration.ofSeconds(2)));
        AtomicLong heard = new AtomicLong();
        RecordingListener listener = heard(new RecordingListener() {
            @Override
            public void onText(String delta) {
                heard.incrementAndGet();
            }
        });
        LlmCall call = client.start(request(60_000), listener);
        await().until(() -> heard.get() > 0);
        call.pause();
        paused.countDown();

        // longer than both limits: had the clocks gone on, the call would have ended
        AtomicLong seen = new AtomicLong(-1);
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(20))
                .until(sent::get, now -> seen.getAndSet(now) == now);
        assertThat(sent.get()).isLessThan(pieces);
        assertThat(heard.get()).isLessThanOrEqualTo(sent.get() + 1);
        assertThat(listener.ended()).isFalse();

        call.resume();
        listener.completed();
        assertThat(heard.get()).isEqualTo(pieces);
        awaitQuiet(client, 1);
    }

    @Test
    void aCallPausedFromTheStartHearsNothingUntilItIsResumed() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        FakeServer server = server(peer -> {
            while (peer.readRequest() != null) {
                asked.countDown();
                peer.send(answer("Hello"));
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url()).firstByte(Duration.ofMillis(300)));
        Started started = start(client);
        started.call().pause();
        // whether the pause came before or after the connection was there, it holds; unless the answer was faster
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        started.call().resume();
        started.heard().completed();
        awaitQuiet(client, 1);
        call(client).completed();
    }

    @Test
    void whoeverEndsACallLateChangesNothing() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        Started started = start(client);
        started.heard().completed();
        awaitQuiet(client, 1);
        started.call().cancel();
        started.call().pause();
        started.call().resume();

        call(client).completed();
        awaitQuiet(client, 1);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aListenerMayStartTheNextCallFromTheEndOfTheLast() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client =
                client(new TestConfig(server.url()).connections(1).maxWaiters(0));
        RecordingListener last = listener();
        RecordingListener chain = last;
        for (int i = 0; i < 50; i++) {
            RecordingListener next = chain;
            chain = heard(new RecordingListener() {
                @Override
                public void onEnd(LlmOutcome outcome) {
                    super.onEnd(outcome);
                    client.start(request(60_000), next);
                }
            });
        }
        client.start(request(60_000), chain);

        // with one connection and nobody allowed to wait, this holds only if the connection is free by then
        last.completed();
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void theWholeCallsLimitGrowsWithTheAnswersTokens() {
        assertThat(NettyLlmClient.defaultLimitMs(1))
                .isEqualTo(Duration.ofMinutes(10).toMillis());
        assertThat(NettyLlmClient.defaultLimitMs(64_000))
                .isEqualTo(Duration.ofMinutes(30).toMillis());
        assertThat(NettyLlmClient.defaultLimitMs(128_000))
                .isEqualTo(Duration.ofMinutes(60).toMillis());
        assertThat(NettyLlmClient.defaultLimitMs(Integer.MAX_VALUE))
                .isEqualTo(Duration.ofMinutes(60).toMillis());
    }

    @Test
    void aConfigurationThatCannotWorkIsRefusedWithoutShowingTheKey() {
        for (String url : List.of("ftp://host", "/path", "http:x", "https:///path")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NettyLlmClient("test", new TestConfig(URI.create(url)).build()))
                    .withMessageMatching("(?s).*base.?[uU]rl.*");
        }
        for (String key : List.of("schlüssel", "a b")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NettyLlmClient(
                            "test",
                            new TestConfig(URI.create("http://host"))
                                    .auth(Auth.BEARER, new Secret(key))
                                    .build()))
                    .withMessageContaining("apiKey")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain(key));
        }
    }

    @Test
    void rateLimitsAreToldWithAnAnswerAndWithAnError() throws Exception {
        String requests = String.join(
                "\r\n",
                "anthropic-ratelimit-requests-remaining: 7",
                "anthropic-ratelimit-requests-reset: 2027-01-15T08:00:00Z",
                "");
        RateLimits expected =
                new RateLimits(Map.of(RateLimits.Resource.REQUESTS, new RateLimits.Limit(7, 1_800_000_000_000L)));
        String limited = answer("Hello").replaceFirst("request-id", requests + "request-id");
        String refused =
                FakeServer.Answers.error(429, Map.of(), "{}").replaceFirst("Content-Type", requests + "Content-Type");

        for (String response : List.of(limited, refused)) {
            FakeServer server = server(FakeServer.always(response));
            RecordingListener heard = call(client(new TestConfig(server.url())));

            assertThat(heard.limits()).containsExactly(expected);
        }
    }

    @Test
    void withoutSuchHeadersNoRateLimitsAreTold() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));

        assertThat(call(client(new TestConfig(server.url()))).limits()).isEmpty();
    }

    @Test
    void theKeyIsShownNowhere() throws Exception {
        String quoting = "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"bad key "
                + TestConfig.KEY + "\"}}";
        FakeServer server = server(FakeServer.always(FakeServer.Answers.error(401, Map.of(), quoting)));
        NettyLlmClient client = client(new TestConfig(server.url()));
        Started started = start(client);

        assertThat(started.heard().failure().message())
                .contains("bad key [hidden]")
                .doesNotContain(TestConfig.KEY);
        assertThat(client.toString() + started.call()).doesNotContain(TestConfig.KEY);
    }

    @Test
    void manyCallsAtOnceAllEnd() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(
                new TestConfig(server.url()).connections(50).maxWaiters(1_000).eventLoops(2));
        List<RecordingListener> calls =
                IntStream.range(0, 500).mapToObj(i -> start(client).heard()).toList();

        assertThat(calls).allMatch(c -> c.text().equals("Hello") || c.completed() != null);
        calls.forEach(RecordingListener::completed);
        assertThat(server.connections()).isLessThanOrEqualTo(50);
        NettyLlmClient.Stats stats = client.stats();
        assertThat(stats.opened() + stats.reused()).isEqualTo(500);
    }

    @Test
    void chunksAndReadsNeedNotMeetEventsOrCharacters() throws Exception {
        byte[] event = FakeServer.Answers.event(
                        "content_block_delta",
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"€🚀\"}}")
                .getBytes(StandardCharsets.UTF_8);
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            for (byte b : event) {
                peer.send("1\r\n");
                peer.send(new byte[] {b});
                peer.send("\r\n");
            }
            peer.send(STOP_REASON + chunk("\n") + STOP + END);
            peer.awaitGone();
        });

        assertThat(call(client(new TestConfig(server.url()))).text()).isEqualTo("€🚀");
    }
}
