package dev.noesis.bench.llm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.netty.SameParse;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Reactor Netty with our parser: what our client costs beyond a good transport, or saves. */
final class ReactorNettyPeer implements Peer {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ConnectionProvider connections;
    private final LoopResources loops;
    private final HttpClient client;

    ReactorNettyPeer(Settings settings) {
        connections = ConnectionProvider.builder("bench")
                .maxConnections(settings.streams())
                .build();
        loops = LoopResources.create("bench", 1, true);
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
        loops.disposeLater(Duration.ZERO, CLOSE_LIMIT).block(CLOSE_LIMIT);
    }
}
