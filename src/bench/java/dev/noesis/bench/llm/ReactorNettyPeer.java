package dev.noesis.bench.llm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.netty.SameParse;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * Reactor Netty with our parser, and with the transport that ours takes by itself: what our client costs beyond a good library
 * for HTTP, or saves. Left to itself it would take io_uring, whose library is on our class path for those who ask for it.
 */
final class ReactorNettyPeer implements Peer {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ConnectionProvider connections;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("bench", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final HttpClient client;

    ReactorNettyPeer(Settings settings) {
        connections = ConnectionProvider.builder("bench")
                .maxConnections(settings.streams())
                .build();
        client = HttpClient.create(connections)
                .runOn(loops)
                .baseUrl(settings.server().toString())
                .responseTimeout(settings.silence())
                .headers(headers -> headers.add("content-type", "application/json")
                        .add("x-api-key", Settings.KEY)
                        .add("anthropic-version", "2023-06-01"));
    }

    @Override
    public void ask(String model, Ear ear) {
        var heard = new NoesisPeer.Heard(ear);
        var parse = new SameParse(heard);
        var _ = client.post()
                .uri("/v1/messages")
                .send(Mono.fromSupplier(
                        () -> Unpooled.wrappedBuffer(Requests.messages(model).getBytes(UTF_8))))
                .response((response, body) -> body.doOnNext(parse::read))
                .subscribe(content -> {}, failure -> ear.end(Failures.name(failure)), () -> {
                    LlmOutcome outcome = parse.end();
                    heard.onEnd(outcome);
                });
    }

    @Override
    public void close() {
        connections.disposeLater().block(CLOSE_LIMIT);
        var _ = loops.shutdownGracefully(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT.toMillis());
    }
}
