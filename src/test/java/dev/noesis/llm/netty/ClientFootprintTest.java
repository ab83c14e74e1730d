package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.HEAD;
import static dev.noesis.llm.netty.FakeServer.Answers.START;
import static dev.noesis.llm.netty.FakeServer.Answers.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.RecordingListener;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the client takes of the machine: while its callers are slow, and after it was closed. */
class ClientFootprintTest extends ClientFixture {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @Test
    void aStalledStreamHoldsABoundedNumberOfBytes() throws Exception {
        int streams = 50;
        int bound = 256 * 1024;
        AtomicLong sent = new AtomicLong();
        String piece = delta("x".repeat(30_000));
        FakeServer server = server(peer -> {
            peer.readRequest();
            peer.send(HEAD + START);
            for (int i = 0; i < 1_000; i++) { // 30 MB each: more than all buffers between hold
                peer.send(piece);
                sent.addAndGet(piece.length());
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url())
                .connections(streams)
                .maxAnswerBytes(8 * 1024 * 1024)
                .eventLoops(2));
        long parsersBefore = UnpooledByteBufAllocator.DEFAULT.metric().usedHeapMemory();
        AtomicLong heard = new AtomicLong();
        List<LlmCall> calls = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            Stalling listener = heard(new Stalling(heard));
            LlmCall call = client.start(request(60_000), listener);
            listener.stall(call);
            calls.add(call);
        }
        await().until(() -> heard.get() > 0);

        AtomicLong seen = new AtomicLong(-1);
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(30))
                .until(sent::get, now -> seen.getAndSet(now) == now);
        long buffers = allocated();
        long parsers = UnpooledByteBufAllocator.DEFAULT.metric().usedHeapMemory() - parsersBefore;
        System.out.printf(
                "%d stalled streams: %d bytes of buffers and %d bytes of begun events each, %d heard, %d sent%n",
                streams, buffers / streams, parsers / streams, heard.get() / streams, sent.get() / streams);
        assertThat(sent.get()).as("the servers wait").isLessThan(1_000L * streams * piece.length());
        assertThat((buffers + parsers) / streams).isLessThan(bound);
        // what was on its way through the loop when the caller said stop: its buffer, not ours
        assertThat(heard.get() / streams).isLessThan(2L * 1024 * 1024);
        calls.forEach(LlmCall::cancel);
        awaitQuiet(client, 0);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aHundredClientsOpenedAndClosedUnderLoadLeaveNothing() throws Exception {
        PooledByteBufAllocator pooled = new PooledByteBufAllocator(true);
        ScriptedModelServer server = closedLater(
                ScriptedModelServer.start(ScriptedModelServer.Options.defaults().withEventLoops(1)));
        for (int i = 0; i < 5; i++) {
            openAndClose(server, pooled); // classes, and what is made once
        }
        await().until(() -> server.stats().connections() == 0);
        long descriptors = descriptors();
        long direct = pooled.metric().usedDirectMemory();
        for (int i = 0; i < 100; i++) {
            openAndClose(server, pooled);
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> clientThreads() == 0);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptors));
        System.out.printf(
                "100 clients: descriptors %d before and %d after; direct memory of the pool %d before and %d after, %d in use%n",
                descriptors, descriptors(), direct, pooled.metric().usedDirectMemory(), pooled.pinnedDirectMemory());
        assertThat(pooled.pinnedDirectMemory()).as("buffers in use").isZero();
        assertThat(pooled.pinnedHeapMemory()).as("buffers in use").isZero();
        assertThat(pooled.metric().usedDirectMemory())
                .as("the pool's chunks are used again, not added to")
                .isLessThanOrEqualTo(direct + 2L * pooled.metric().chunkSize());
    }

    /** Twenty calls for eight connections; the client is closed in their midst. */
    private void openAndClose(ScriptedModelServer server, PooledByteBufAllocator pooled) {
        List<RecordingListener> heard = new ArrayList<>();
        try (NettyLlmClient client = new NettyLlmClient(
                "test",
                new TestConfig(server.baseUrl())
                        .connections(8)
                        .maxWaiters(20)
                        .eventLoops(2)
                        .build(),
                pooled,
                Tls.best(),
                ReadModeration.BUSY_READS,
                ClientObserver.NONE)) {
            for (int i = 0; i < 20; i++) {
                RecordingListener listener = listener();
                heard.add(listener);
                LlmCall call = client.start(request(60_000), listener);
                if (i % 7 == 0) {
                    call.cancel();
                }
            }
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> heard.stream().anyMatch(each -> !each.text().isEmpty()));
        }
        heard.forEach(RecordingListener::outcome);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.count();
        }
    }

    /** Says stop at the first piece. */
    private static final class Stalling extends RecordingListener {
        private final AtomicLong heard;
        private LlmCall call;
        private boolean spoke;

        Stalling(AtomicLong heard) {
            this.heard = heard;
        }

        synchronized void stall(LlmCall ours) {
            call = ours;
            if (spoke) {
                call.pause();
            }
        }

        @Override
        public synchronized void onText(String delta) {
            heard.addAndGet(delta.length());
            spoke = true;
            if (call != null) {
                call.pause();
            }
        }
    }
}
