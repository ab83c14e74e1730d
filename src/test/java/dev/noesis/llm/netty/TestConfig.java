package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.config.LlmConfig.Auth;
import dev.noesis.config.RequestConfig;
import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig;
import dev.noesis.config.TransportConfig.Io;
import dev.noesis.config.TransportConfig.Proxy;
import dev.noesis.config.TransportConfig.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client's configuration whose limits are all too far off to matter; a test sets those it is about. */
final class TestConfig {
    static final String KEY = "sk-test-0123456789";

    private final URI url;
    private int connections = 4;
    private int maxWaiters = 10;
    private Duration connect = Duration.ofSeconds(10);
    private Duration tls = Duration.ofSeconds(10);
    private Duration acquire = Duration.ofSeconds(10);
    private Duration firstByte = Duration.ofSeconds(10);
    private Duration idle = Duration.ofSeconds(10);
    private Duration progress = Duration.ofSeconds(10);
    private @Nullable Duration call;
    private Duration connectionIdle = Duration.ofSeconds(30);
    private int maxAnswerBytes = 4 * 1024 * 1024;
    private int eventLoops = 1;
    private Auth auth = Auth.X_API_KEY;
    private @Nullable Secret key = new Secret(KEY);
    private Tls trust = Tls.DEFAULT;
    private @Nullable Proxy proxy;
    private Io io = Io.AUTO;
    private Map<String, Secret> headers = Map.of();
    private RequestConfig request = RequestConfig.of(RequestConfig.Provider.ANTHROPIC);

    TestConfig(URI url) {
        this.url = url;
    }

    TestConfig connections(int most) {
        connections = most;
        return this;
    }

    TestConfig maxWaiters(int most) {
        maxWaiters = most;
        return this;
    }

    TestConfig connect(Duration limit) {
        connect = limit;
        return this;
    }

    TestConfig tls(Duration limit) {
        tls = limit;
        return this;
    }

    TestConfig acquire(Duration limit) {
        acquire = limit;
        return this;
    }

    TestConfig firstByte(Duration limit) {
        firstByte = limit;
        return this;
    }

    TestConfig idle(Duration limit) {
        idle = limit;
        return this;
    }

    TestConfig progress(Duration limit) {
        progress = limit;
        return this;
    }

    TestConfig call(Duration limit) {
        call = limit;
        return this;
    }

    TestConfig connectionIdle(Duration limit) {
        connectionIdle = limit;
        return this;
    }

    TestConfig maxAnswerBytes(int most) {
        maxAnswerBytes = most;
        return this;
    }

    TestConfig eventLoops(int count) {
        eventLoops = count;
        return this;
    }

    TestConfig auth(Auth how, @Nullable Secret secret) {
        auth = how;
        key = secret;
        return this;
    }

    TestConfig trustStore(Path file) {
        return trust(new Tls(file, null, null, null, null));
    }

    TestConfig trust(Tls files) {
        trust = files;
        return this;
    }

    TestConfig proxy(Proxy through) {
        proxy = through;
        return this;
    }

    TestConfig io(Io kind) {
        io = kind;
        return this;
    }

    TestConfig headers(Map<String, Secret> more) {
        headers = more;
        return this;
    }

    TestConfig request(RequestConfig how) {
        request = how;
        return this;
    }

    LlmConfig build() {
        return new LlmConfig(
                url,
                key,
                auth,
                "2023-06-01",
                "model-a",
                List.of(),
                1_000,
                connections,
                maxWaiters,
                connect,
                tls,
                acquire,
                firstByte,
                idle,
                progress,
                call,
                connectionIdle,
                Duration.ofMinutes(10),
                maxAnswerBytes,
                eventLoops,
                new TransportConfig(io, trust, proxy, headers),
                request);
    }
}
