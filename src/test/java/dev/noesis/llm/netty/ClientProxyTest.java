package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig.Proxy;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.Retry;
import dev.noesis.llm.RetryPolicy;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way through a proxy: what it is asked, what goes through, and what is said when it does not open. */
class ClientProxyTest extends ClientFixture {
    private static final String PASSWORD = "open sesame";
    private static final URI PROVIDER = URI.create("http://model.invalid:8080");

    private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();

    @TempDir
    Path directory;

    @Test
    void theProxyIsAskedByNameAndTheProviderHearsNothingOfIt() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        FakeServer provider = server(peer -> {
            for (String request = peer.readRequest(); request != null; request = peer.readRequest()) {
                requests.add(request);
                peer.send(answer("Hello"));
            }
        });
        FakeServer proxy = tunnelTo(provider.url().getPort());
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(at(proxy, "me", PASSWORD)));

        assertThat(call(client).text()).isEqualTo("Hello");
        awaitQuiet(client, 1);
        assertThat(call(client).text()).as("by the same tunnel").isEqualTo("Hello");
        assertThat(asked).hasSize(1);
        assertThat(asked.take())
                .startsWith("CONNECT model.invalid:8080 HTTP/1.1\r\n")
                .containsIgnoringCase("host: model.invalid:8080\r\n")
                .containsIgnoringCase("proxy-authorization: Basic "
                        + Base64.getEncoder().encodeToString(("me:" + PASSWORD).getBytes(StandardCharsets.UTF_8)))
                .doesNotContain(TestConfig.KEY);
        assertThat(requests)
                .hasSize(2)
                .allSatisfy(request ->
                        assertThat(request).startsWith("POST /v1/messages ").doesNotContainIgnoringCase("proxy-"));
    }

    @Test
    void tlsIsSpokenWithTheProviderInsideTheTunnel() throws Exception {
        X509Bundle authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=Authority of the tests")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle bundle = new CertificateBuilder()
                .ecp256()
                .subject("CN=Server of the tests")
                .addSanDnsName("model.invalid")
                .buildIssuedBy(authority);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(bundle.toKeyManagerFactory().getKeyManagers(), null, null);
        FakeServer provider = closedLater(new FakeServer(
                "https",
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                FakeServer.always(answer("Hello"))));
        FakeServer proxy = tunnelTo(provider.url().getPort());
        Path trusted = Files.writeString(directory.resolve("authority.pem"), authority.getRootCertificatePEM());
        NettyLlmClient client = client(new TestConfig(URI.create("https://model.invalid"))
                .trustStore(trusted)
                .proxy(at(proxy, null, null)));

        assertThat(call(client).text()).isEqualTo("Hello");
        assertThat(asked.take())
                .startsWith("CONNECT model.invalid:443 ")
                .doesNotContainIgnoringCase("proxy-authorization");

        NettyLlmClient elsewhere = client(new TestConfig(URI.create("https://other.invalid"))
                .trustStore(trusted)
                .proxy(at(proxy, null, null)));
        assertThat(call(elsewhere).failure().kind())
                .as("the certificate has to be the provider's, not the proxy's")
                .isEqualTo(Kind.TLS_FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "407, PROXY_REFUSED",
        "403, PROXY_REFUSED",
        "302, PROXY_REFUSED",
        "429, PROXY_FAILED",
        "502, PROXY_FAILED",
        "503, PROXY_FAILED"
    })
    void aProxyThatMakesNoTunnelIsNamedAndItsPasswordIsNot(int status, Kind kind) throws Exception {
        FakeServer proxy = server(peer -> {
            peer.readRequest();
            peer.send(
                    "HTTP/1.1 " + status + " No\r\nContent-Length: 3\r\nProxy-Authenticate: Basic realm=x\r\n\r\nNo!");
            peer.awaitGone();
        });
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(at(proxy, "me", PASSWORD)));
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).as(failure.message()).isEqualTo(kind);
        assertThat(failure.message())
                .contains("proxy 127.0.0.1:" + proxy.url().getPort(), "model.invalid:8080", "HTTP " + status)
                .doesNotContain(PASSWORD);
        assertThat(failure.status()).as("no status of the provider's").isZero();
        Retry retry = new RetryPolicy(4).decide(failure, 1, 0, 60_000, new Random(1));
        assertThat(retry instanceof Retry.GiveUp).isEqualTo(kind == Kind.PROXY_REFUSED);
        awaitQuiet(client, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200", "SSH-2.0-OpenSSH\r\n\r\n"})
    void aProxyThatBreaksOffIsNamed(String said) throws Exception {
        FakeServer proxy = server(peer -> {
            peer.readRequest();
            peer.send(said);
        });
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(at(proxy, null, null)));
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).as(failure.message()).isEqualTo(Kind.PROXY_FAILED);
        assertThat(failure.message()).contains("proxy 127.0.0.1:" + proxy.url().getPort());
        awaitQuiet(client, 0);
    }

    @Test
    void headersOfAProxyWithoutEndAreBounded() throws Exception {
        FakeServer proxy = server(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 10_000; i++) {
                peer.send("X-Header-" + i + ": " + "x".repeat(100) + "\r\n");
            }
        });
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(at(proxy, null, null)));

        assertThat(call(client).failure().kind()).isEqualTo(Kind.PROXY_FAILED);
        awaitQuiet(client, 0);
    }

    @Test
    void aProxyThatDoesNotListenIsNamed() throws Exception {
        FakeServer gone = new FakeServer(peer -> {});
        Proxy nobody = at(gone, null, null);
        gone.close();
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(nobody));
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).isEqualTo(Kind.PROXY_FAILED);
        assertThat(failure.message()).contains("no connection to the proxy " + nobody);
        awaitQuiet(client, 0);
    }

    @Test
    void aProxyThatHangsEndsInTheTimeOfAConnect() throws Exception {
        FakeServer proxy = server(FakeServer.Peer::awaitGone);
        NettyLlmClient client =
                client(new TestConfig(PROVIDER).proxy(at(proxy, null, null)).connect(Duration.ofMillis(250)));
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
        assertThat(failure.message())
                .contains("through the proxy 127.0.0.1:" + proxy.url().getPort(), "250 ms");
        awaitQuiet(client, 0);
    }

    @Test
    void aCallCancelledBeforeTheTunnelIsMadeLeavesNothing() throws Exception {
        FakeServer proxy = server(peer -> {
            asked.add(peer.readRequest());
            peer.awaitGone();
        });
        NettyLlmClient client = client(new TestConfig(PROVIDER).proxy(at(proxy, null, null)));
        Started started = start(client);
        asked.take();
        started.call().cancel();
        started.heard().outcome();

        awaitQuiet(client, 0);
    }

    private static Proxy at(FakeServer server, String user, String password) {
        return new Proxy("127.0.0.1", server.url().getPort(), user, password == null ? null : new Secret(password));
    }

    private FakeServer tunnelTo(int port) throws IOException {
        return server(FakeServer.tunnelTo(port, asked));
    }
}
