package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.RecordingListener;
import dev.noesis.model.Message;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Servers and clients of one test, and what must hold after each: every call ended once, no thread of a client is left, and its
 * allocator got back all it gave.
 */
@ExtendWith(LeakGuard.class)
abstract class ClientFixture {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<RecordingListener> listeners = new ArrayList<>();

    /** A call, and what was heard of it. */
    record Started(LlmCall call, RecordingListener heard) {}

    FakeServer server(FakeServer.Script script) throws IOException {
        return closedLater(new FakeServer(script));
    }

    NettyLlmClient client(TestConfig config) {
        return client(config, Tls.best());
    }

    NettyLlmClient client(TestConfig config, SslProvider provider) {
        return client(config, provider, ClientObserver.NONE);
    }

    NettyLlmClient client(TestConfig config, SslProvider provider, ClientObserver observer) {
        return closedLater(new NettyLlmClient("test", config.build(), allocator, provider, busyReads(), observer));
    }

    /** From which number of reads in 10 ms on the clients' event loops are busy. */
    int busyReads() {
        return ReadModeration.BUSY_READS;
    }

    <T extends AutoCloseable> T closedLater(T resource) {
        open.push(resource);
        return resource;
    }

    RecordingListener listener() {
        return heard(new RecordingListener());
    }

    <T extends RecordingListener> T heard(T listener) {
        listeners.add(listener);
        return listener;
    }

    Started start(NettyLlmClient client) {
        return start(client, request(60_000));
    }

    Started start(NettyLlmClient client, LlmRequest request) {
        RecordingListener listener = listener();
        return new Started(client.start(request, listener), listener);
    }

    RecordingListener call(NettyLlmClient client) {
        RecordingListener heard = start(client).heard();
        heard.outcome();
        return heard;
    }

    static LlmRequest request(long timeoutMs) {
        return request("Hello", timeoutMs);
    }

    static LlmRequest request(String text, long timeoutMs) {
        return new LlmRequest(
                "test/1",
                "model-a",
                100,
                "",
                List.of(Message.user("m1", text)),
                List.of(),
                new LlmRequest.ToolChoice.Auto(),
                timeoutMs);
    }

    /** Waits until the client has nothing in flight and all its connections are idle or closed. */
    static void awaitQuiet(NettyLlmClient client, int idle) {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            NettyLlmClient.Stats stats = client.stats();
            assertThat(stats.calls()).isZero();
            assertThat(stats.waiting()).isZero();
            assertThat(stats.idle()).isEqualTo(idle);
            assertThat(stats.connections()).isEqualTo(idle);
        });
    }

    /** Bytes of the buffers that the clients have in use. */
    long allocated() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    static long clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("noesis-"))
                .count();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        assertThat(listeners).allMatch(RecordingListener::ended, "ended");
        assertThat(listeners).allMatch(l -> l.faults().isEmpty(), "heard nothing after the end");
        // a thread ends a moment after it said that it has
        await().atMost(Duration.ofSeconds(5)).until(() -> clientThreads() == 0);
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }
}
