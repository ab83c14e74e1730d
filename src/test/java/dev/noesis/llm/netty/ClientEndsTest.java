package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.HEAD;
import static dev.noesis.llm.netty.FakeServer.Answers.START;
import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static dev.noesis.llm.netty.FakeServer.Answers.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.RecordingListener;
import dev.noesis.model.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call can be cancelled, and its client closed, at any moment; and the books hold whatever comes together. */
class ClientEndsTest extends ClientFixture {
    /** How far a call has come. */
    enum Phase {
        WAITING,
        CONNECTING,
        TLS,
        ASKING,
        STREAMING,
        PAUSED,
        ERROR_BODY
    }

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);

    @ParameterizedTest
    @EnumSource
    void aCallIsCancelledInEachPhase(Phase phase) throws Exception {
        NettyLlmClient client = client(phase);
        Started started = reach(client, phase);
        started.call().cancel();
        started.call().cancel();

        boolean streaming = phase == Phase.STREAMING || phase == Phase.PAUSED;
        assertThat(started.heard().outcome())
                .isEqualTo(new LlmOutcome.Cancelled(streaming ? new Usage(3, 1, 0, 0) : Usage.NONE));
        if (phase != Phase.WAITING) {
            awaitQuiet(client, 0);
        }
        if (phase != Phase.WAITING && phase != Phase.CONNECTING) {
            assertThat(gone.await(10, TimeUnit.SECONDS))
                    .as("the server sees the end")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientIsClosedInEachPhase(Phase phase) throws Exception {
        NettyLlmClient client = client(phase);
        Started started = reach(client, phase);
        client.close();

        assertThat(started.heard().ended()).as("before close() returns").isTrue();
        assertThat(started.heard().failure().kind()).isEqualTo(Kind.CLIENT_CLOSED);
        assertThat(client.stats().calls()).isZero();
        assertThat(client.stats().connections()).isZero();
    }

    /** A client of a server that lets a call come so far and no further. */
    private NettyLlmClient client(Phase phase) throws IOException {
        FakeServer server = server(peer -> {
            if (phase != Phase.TLS) {
                peer.readRequest();
            }
            switch (phase) {
                case STREAMING, PAUSED -> peer.send(HEAD + START + delta("Hel"));
                case ERROR_BODY -> peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nhalf");
                case WAITING, CONNECTING, TLS, ASKING -> reached.countDown();
            }
            peer.awaitGone();
            gone.countDown();
        });
        TestConfig config = new TestConfig(
                switch (phase) {
                    case TLS -> URI.create("https://127.0.0.1:" + server.url().getPort());
                    case CONNECTING -> URI.create("http://127.0.0.1:" + full());
                    default -> server.url();
                });
        return client(config.connections(phase == Phase.WAITING ? 1 : 4));
    }

    /** The port of a socket whose queue is full, so that the kernel drops what comes on top. */
    private int full() throws IOException {
        ServerSocket deaf = closedLater(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        for (int i = 0; i < 2; i++) {
            closedLater(new Socket(deaf.getInetAddress(), deaf.getLocalPort()));
        }
        return deaf.getLocalPort();
    }

    private Started reach(NettyLlmClient client, Phase phase) throws InterruptedException {
        Started first = start(client);
        switch (phase) {
            case WAITING -> {
                assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
                Started second = start(client);
                await().until(() -> client.stats().waiting() == 1);
                return second;
            }
            case CONNECTING -> await().until(() -> client.stats().connections() == 1);
            case TLS, ASKING -> assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
            case STREAMING -> await().until(() -> first.heard().text().equals("Hel"));
            case PAUSED -> {
                await().until(() -> first.heard().text().equals("Hel"));
                first.call().pause();
            }
            case ERROR_BODY ->
                await().during(Duration.ofMillis(100))
                        .until(() -> client.stats().connections() == 1);
        }
        return first;
    }

    @Test
    void aClosedClientEndsNewCallsAtOnceAndMayBeClosedAgain() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        call(client).completed();
        client.close();
        client.close();
        Started late = start(client);

        assertThat(late.heard().failure().kind()).isEqualTo(Kind.CLIENT_CLOSED);
        late.call().cancel();
        late.call().pause();
        late.call().resume();
        await().atMost(Duration.ofSeconds(5)).until(() -> clientThreads() == 0);
    }

    @Test
    void eventLoopsAreDaemonsNamedAfterTheLane() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()).eventLoops(2));
        call(client).completed();
        call(client).completed();

        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("noesis-"))
                .allMatch(Thread::isDaemon)
                .extracting(Thread::getName)
                .containsExactlyInAnyOrder("noesis-test-llm-1", "noesis-test-llm-2");
    }

    @Test
    void aListenerThatClosesItsClientDoesNotBlock() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()));
        AtomicBoolean returned = new AtomicBoolean();
        RecordingListener listener = heard(new RecordingListener() {
            @Override
            public void onText(String delta) {
                client.close();
                returned.set(true);
            }
        });
        client.start(request(60_000), listener);

        assertThat(listener.outcome()).isNotNull();
        assertThat(returned).isTrue();
        await().atMost(Duration.ofSeconds(5)).until(() -> clientThreads() == 0);
    }

    @Test
    void callsStartedWhileTheClientClosesAllEndOnce() throws Exception {
        FakeServer server = server(FakeServer.always(answer("Hello")));
        for (int round = 0; round < 10; round++) {
            NettyLlmClient client =
                    client(new TestConfig(server.url()).eventLoops(2).maxWaiters(100_000));
            List<RecordingListener> calls = new ArrayList<>();
            AtomicBoolean stop = new AtomicBoolean();
            Thread starter = Thread.ofPlatform().start(() -> {
                while (!stop.get() && calls.size() < 2_000) {
                    calls.add(start(client).heard());
                }
            });
            await().until(() -> client.stats().opened() > 0);
            client.close();
            stop.set(true);
            starter.join(10_000);

            assertThat(calls)
                    .allSatisfy(c -> assertThat(c.outcome())
                            .satisfiesAnyOf(
                                    o -> assertThat(o).isInstanceOf(LlmOutcome.Completed.class),
                                    o -> assertThat(((LlmOutcome.Failed) o)
                                                    .failure()
                                                    .kind())
                                            .isEqualTo(Kind.CLIENT_CLOSED)));
        }
    }

    @Test
    void whateverComesTogetherEachCallEndsOnceAndThePermitsAddUp() throws Exception {
        long seed = System.nanoTime();
        FakeServer server = server(peer -> {
            // unlike Random's, its numbers for neighbouring seeds have nothing to do with each other
            SplittableRandom random = new SplittableRandom(seed + peer.number());
            while (peer.readRequest() != null) {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        peer.reset();
                        return;
                    }
                    case 1 -> {
                        peer.send(HEAD + START + delta("Hel"));
                        return;
                    }
                    case 2 -> {
                        peer.send(HEAD + START + delta("Hel"));
                        peer.awaitGone(); // until it is cancelled, or too late
                    }
                    case 3 -> peer.send(FakeServer.Answers.error(529, Map.of(), "{}"));
                    default -> peer.send(answer("Hello"));
                }
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url())
                .eventLoops(2)
                .connections(8)
                .maxWaiters(20)
                .idle(Duration.ofMillis(150))
                .acquire(Duration.ofMillis(100)));
        List<RecordingListener> calls = new ArrayList<>();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            Started started = start(client, request(500)); // which ends those that stay paused
            calls.add(started.heard());
            switch (random.nextInt(8)) {
                case 0 -> started.call().cancel();
                case 1 -> {
                    started.call().pause();
                    started.call().resume();
                }
                case 2 -> started.call().pause();
                default -> {}
            }
            int most = random.nextInt(25);
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> client.stats().waiting() <= most);
        }

        assertThat(calls).as("seed %d", seed).allMatch(call -> call.outcome() != null);
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            NettyLlmClient.Stats stats = client.stats();
            assertThat(stats.calls()).as("seed %d", seed).isZero();
            assertThat(stats.waiting()).as("seed %d", seed).isZero();
            assertThat(stats.connections())
                    .as("seed %d", seed)
                    .isEqualTo(stats.idle())
                    .isLessThanOrEqualTo(8);
        });
        assertThat(calls.stream().filter(c -> c.outcome() instanceof LlmOutcome.Completed))
                .isNotEmpty();
        assertThat(calls.stream().filter(c -> c.outcome() instanceof LlmOutcome.Cancelled))
                .isNotEmpty();
        assertThat(client.stats().freeRetries()).isPositive();
    }
}
