package dev.noesis.bench.llm;

import dev.noesis.llm.netty.SameParse;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;

/** The JDK's client with our parser; its timeout ends with the headers. */
final class JdkPeer implements Peer {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI uri;
    private final Duration timeout;

    JdkPeer(Settings settings) {
        uri = settings.server().resolve("/v1/messages");
        timeout = settings.silence();
    }

    @Override
    public void ask(String model, Ear ear) {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("content-type", "application/json")
                .header("x-api-key", Settings.KEY)
                .header("anthropic-version", "2023-06-01")
                .POST(BodyPublishers.ofString(Requests.messages(model)))
                .build();
        var _ = client.sendAsync(request, BodyHandlers.fromSubscriber(new Body(ear)))
                .exceptionally(failure -> {
                    ear.end(Failures.name(failure));
                    return null;
                });
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private static final class Body implements Flow.Subscriber<List<ByteBuffer>> {
        private final Ear ear;
        private final NoesisPeer.Heard heard;
        private final SameParse parse;

        Body(Ear ear) {
            this.ear = ear;
            this.heard = new NoesisPeer.Heard(ear);
            this.parse = new SameParse(heard);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> content) {
            for (ByteBuffer piece : content) {
                parse.read(Unpooled.wrappedBuffer(piece));
            }
        }

        @Override
        public void onError(Throwable failure) {
            ear.end(Failures.name(failure));
        }

        @Override
        public void onComplete() {
            heard.onEnd(parse.end());
        }
    }
}
