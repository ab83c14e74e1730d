package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.noesis.config.LlmConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import dev.noesis.llm.RecordingListener;
import dev.noesis.llm.anthropic.MessagesFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTlsTest extends ClientFixture {
    @TempDir
    static Path directory;

    private static X509Bundle authority;
    private static Path trusted;

    @BeforeAll
    static void makeAuthority() throws Exception {
        authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=Authority of the tests")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        trusted = Files.writeString(directory.resolve("authority.pem"), authority.getRootCertificatePEM());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theRightHostIsAccepted(String protocol) throws Exception {
        FakeServer server = server(certificate("localhost"), protocol, FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted));

        assertThat(call(client).text()).isEqualTo("Hello");
        awaitQuiet(client, 1);
        assertThat(call(client).text()).isEqualTo("Hello");
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void anAnswerThatComesInPiecesIsWhole(SslProvider provider) throws Exception {
        assumeThat(provider == SslProvider.JDK || OpenSsl.isAvailable()).isTrue();
        FakeServer server = server(certificate("localhost"), "TLSv1.3", FakeServer.inPieces("Hello", 20, 15));
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted), provider);

        for (int i = 0; i < 2; i++) {
            assertThat(call(client).text()).isEqualTo("Hello".repeat(20));
        }
        assertThat(server.connections()).isEqualTo(1);
        assertThat(client.stats().rests() > 0).isEqualTo(busyReads() == 0);
    }

    @Test
    void anAddressIsAcceptedIfTheCertificateNamesIt() throws Exception {
        X509Bundle bundle = leaf().addSanIpAddress("127.0.0.1").buildIssuedBy(authority);
        FakeServer server = server(bundle, "TLSv1.3", FakeServer.always(answer("Hello")));

        assertThat(call(client(new TestConfig(server.url()).trustStore(trusted)))
                        .text())
                .isEqualTo("Hello");
    }

    @Test
    void theWrongHostIsRefused() throws Exception {
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        FakeServer server = server(certificate("other.example"), "TLSv1.3", peer -> requests.add(peer.readRequest()));
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted));
        LlmFailure failure = call(client).failure();

        assertThat(failure.kind()).isEqualTo(Kind.TLS_FAILED);
        assertThat(failure.message()).contains("localhost");
        awaitQuiet(client, 0);
        assertThat(requests).isEmpty();
    }

    @Test
    void anAddressIsRefusedIfTheCertificateNamesOnlyAHost() throws Exception {
        FakeServer server = server(certificate("localhost"), "TLSv1.3", FakeServer.always(answer("Hello")));

        assertThat(call(client(new TestConfig(server.url()).trustStore(trusted)))
                        .failure()
                        .kind())
                .isEqualTo(Kind.TLS_FAILED);
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        FakeServer server = server(certificate("localhost"), "TLSv1.3", FakeServer.always(answer("Hello")));

        assertThat(call(client(new TestConfig(server.url("localhost"))))
                        .failure()
                        .kind())
                .isEqualTo(Kind.TLS_FAILED);
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        X509Bundle expired = leaf().addSanDnsName("localhost")
                .notBefore(Instant.now().minus(Duration.ofDays(20)))
                .notAfter(Instant.now().minus(Duration.ofDays(10)))
                .buildIssuedBy(authority);
        FakeServer server = server(expired, "TLSv1.3", FakeServer.always(answer("Hello")));

        assertThat(call(client(new TestConfig(server.url("localhost")).trustStore(trusted)))
                        .failure()
                        .kind())
                .isEqualTo(Kind.TLS_FAILED);
    }

    @Test
    void theServerIsToldWhichHostIsMeant() throws Exception {
        LlmConfig config = new TestConfig(URI.create("https://model.example:8443")).build();
        Endpoint endpoint = new Endpoint(config, new MessagesFormat(config.apiVersion(), config.request()));
        try (Tls tls = new Tls(endpoint, config, Tls.best())) {
            EmbeddedChannel channel = new EmbeddedChannel(tls.handler(UnpooledByteBufAllocator.DEFAULT));
            ByteBuf hello = channel.readOutbound();

            assertThat(hello.toString(StandardCharsets.ISO_8859_1)).contains("model.example");
            hello.release();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void aHandshakeThatHangsEndsInTime() throws Exception {
        FakeServer server = server(FakeServer.Peer::awaitGone);
        NettyLlmClient client = client(
                new TestConfig(URI.create("https://localhost:" + server.url().getPort())).tls(Duration.ofMillis(250)));

        assertThat(call(client).failure().kind()).isEqualTo(Kind.TLS_TIMEOUT);
        awaitQuiet(client, 0);
    }

    @Test
    void aHandshakeThatIsCutOffIsNoRefusal() throws Exception {
        FakeServer server = server(peer -> {
            peer.goneWithin(10_000); // reads the first byte of its hello
            peer.reset();
        });
        NettyLlmClient client = client(
                new TestConfig(URI.create("https://localhost:" + server.url().getPort())));

        LlmFailure failure = call(client).failure();
        assertThat(failure.kind()).as(failure.message()).isEqualTo(Kind.CONNECTION_LOST);
        awaitQuiet(client, 0);
    }

    @Test
    void aServerWithoutTlsIsRefused() throws Exception {
        FakeServer server = server(peer -> {
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
            peer.awaitGone();
        });
        NettyLlmClient client = client(
                new TestConfig(URI.create("https://localhost:" + server.url().getPort())));

        assertThat(call(client).failure().kind()).isEqualTo(Kind.TLS_FAILED);
    }

    @Test
    void aCallOverTlsIsPausedCancelledAndCutLikeAnyOther() throws Exception {
        FakeServer server = server(certificate("localhost"), "TLSv1.3", peer -> {
            peer.readRequest();
            peer.send(FakeServer.Answers.HEAD + FakeServer.Answers.START + FakeServer.Answers.delta("Hel"));
            if (peer.number() == 1) {
                peer.awaitGone();
            }
        });
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted));
        Started started = start(client);
        await().until(() -> started.heard().text().equals("Hel"));
        started.call().pause();
        started.call().cancel();
        started.heard().outcome();
        RecordingListener cut = call(client);

        assertThat(cut.failure().kind()).isEqualTo(Kind.STREAM_CUT);
        awaitQuiet(client, 0);
    }

    @Test
    void aTrustStoreThatCannotBeReadStopsTheStart() throws Exception {
        Path broken = Files.writeString(directory.resolve("broken.pem"), "no certificate");
        for (Path path : new Path[] {broken, directory.resolve("missing.pem")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NettyLlmClient(
                            "test",
                            new TestConfig(URI.create("https://localhost"))
                                    .trustStore(path)
                                    .build()))
                    .withMessageContaining(path.toString());
        }
    }

    private static CertificateBuilder leaf() {
        return new CertificateBuilder().ecp256().subject("CN=Server of the tests");
    }

    private static X509Bundle certificate(String host) throws Exception {
        return leaf().addSanDnsName(host).buildIssuedBy(authority);
    }

    private FakeServer server(X509Bundle certificate, String protocol, FakeServer.Script script) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
        SSLServerSocket socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setEnabledProtocols(new String[] {protocol});
        return closedLater(new FakeServer("https", socket, script));
    }
}
