package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.ExtendedKeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who trusts whom, by OpenSSL and by the JDK's TLS alike. */
class ClientIdentityTest extends ClientFixture {
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    static Path directory;

    private static X509Bundle authority;
    private static Path trusted;
    private static Path certificate;
    private static Path key;

    private final LinkedBlockingQueue<String> sessions = new LinkedBlockingQueue<>();

    @BeforeAll
    static void makeFiles() throws Exception {
        authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=Authority of the tests")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        trusted = Files.writeString(directory.resolve("authority.pem"), authority.getRootCertificatePEM());
        X509Bundle client = new CertificateBuilder()
                .ecp256()
                .subject("CN=Client of the tests")
                .addExtendedKeyUsage(ExtendedKeyUsage.PKIX_KP_CLIENT_AUTH)
                .buildIssuedBy(authority);
        certificate = Files.writeString(directory.resolve("client.pem"), client.getCertificatePathPEM());
        key = Files.writeString(directory.resolve("client.key"), client.getPrivateKeyPEM());
        byte[] der = client.getKeyPair().getPrivate().getEncoded();
        Files.writeString(directory.resolve("encrypted.key"), encrypted(der));
        keyStore(directory.resolve("authority.p12"));
    }

    /** The two that a client may be run with. */
    enum Provider {
        OPENSSL(SslProvider.OPENSSL_REFCNT),
        JDK(SslProvider.JDK);

        private final SslProvider ssl;

        Provider(SslProvider ssl) {
            this.ssl = ssl;
        }

        SslProvider ssl() {
            assumeThat(this == JDK || OpenSsl.isAvailable()).isTrue();
            return ssl;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theServerSeesWhichHostIsMeantAndTheRightOneIsAccepted(Provider provider) throws Exception {
        FakeServer server = server("model.example", "TLSv1.3", false);
        FakeServer proxy = server(FakeServer.tunnelTo(server.url().getPort(), new LinkedBlockingQueue<>()));
        NettyLlmClient client = client(
                new TestConfig(URI.create("https://model.example"))
                        .trustStore(trusted)
                        .proxy(new TransportConfig.Proxy(
                                "127.0.0.1", proxy.url().getPort(), null, null)),
                provider.ssl());

        assertThat(call(client).text()).isEqualTo("Hello");
        assertThat(sessions.take()).contains("value=model.example");
    }

    @ParameterizedTest
    @EnumSource
    void aCertificateForAnotherHostIsRefused(Provider provider) throws Exception {
        FakeServer server = server("other.example", "TLSv1.3", false);
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted), provider.ssl());

        assertThat(call(client).failure().kind()).isEqualTo(Kind.TLS_FAILED);
        awaitQuiet(client, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aTrustStoreMayBePkcs12(Provider provider) throws Exception {
        FakeServer server = server("localhost", "TLSv1.3", false);
        Path store = directory.resolve("authority.p12");
        NettyLlmClient client = client(
                new TestConfig(server.url("localhost"))
                        .trust(new TransportConfig.Tls(store, new Secret(PASSWORD), null, null, null)),
                provider.ssl());
        assertThat(call(client).text()).isEqualTo("Hello");

        for (Secret wrong : new Secret[] {new Secret("wrong horse"), null}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NettyLlmClient(
                            "test",
                            new TestConfig(server.url("localhost"))
                                    .trust(new TransportConfig.Tls(store, wrong, null, null, null))
                                    .build()))
                    .withMessageContaining(store.toString())
                    .withMessageNotContaining("horse");
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL,TLSv1.3", "OPENSSL,TLSv1.2", "JDK,TLSv1.3", "JDK,TLSv1.2"})
    void aServerThatAsksGetsOurCertificate(Provider provider, String protocol) throws Exception {
        FakeServer server = server("localhost", protocol, true);
        for (String file : List.of("client.key", "encrypted.key")) {
            Secret password = file.startsWith("encrypted") ? new Secret(PASSWORD) : null;
            TransportConfig.Tls files =
                    new TransportConfig.Tls(trusted, null, certificate, directory.resolve(file), password);
            NettyLlmClient client = client(new TestConfig(server.url("localhost")).trust(files), provider.ssl());

            assertThat(call(client).text()).as(file).isEqualTo("Hello");
            assertThat(sessions.take()).contains("CN=Client of the tests");
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL,TLSv1.3", "OPENSSL,TLSv1.2", "JDK,TLSv1.3", "JDK,TLSv1.2"})
    void aServerThatWantsACertificateAndGetsNoneRefusesUs(Provider provider, String protocol) throws Exception {
        FakeServer server = server("localhost", protocol, true);
        NettyLlmClient client = client(new TestConfig(server.url("localhost")).trustStore(trusted), provider.ssl());
        LlmFailure failure = call(client).failure();

        // not to be tried again: with TLS 1.3 it comes after the handshake, and is no lost connection
        assertThat(failure.kind()).as(failure.message()).isEqualTo(Kind.TLS_FAILED);
        awaitQuiet(client, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatCannotBeReadStopsTheStart(Provider provider) throws Exception {
        provider.ssl();
        Path encrypted = directory.resolve("encrypted.key");
        for (TransportConfig.Tls files : List.of(
                new TransportConfig.Tls(null, null, certificate, certificate, null),
                new TransportConfig.Tls(null, null, key, key, null),
                new TransportConfig.Tls(null, null, certificate, encrypted, new Secret("wrong horse")))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NettyLlmClient(
                            "test",
                            new TestConfig(URI.create("https://localhost"))
                                    .trust(files)
                                    .build()))
                    .withMessageContaining(String.valueOf(files.key()))
                    .withMessageNotContaining("horse");
        }
    }

    private FakeServer server(String host, String protocol, boolean asks) throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .ecp256()
                .subject("CN=Server of the tests")
                .addSanDnsName(host)
                .buildIssuedBy(authority);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                bundle.toKeyManagerFactory().getKeyManagers(),
                authority.toTrustManagerFactory().getTrustManagers(),
                null);
        SSLServerSocket socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setEnabledProtocols(new String[] {protocol});
        socket.setNeedClientAuth(asks);
        return closedLater(new FakeServer("https", socket, peer -> {
            while (peer.readRequest() != null) {
                ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) peer.socket()).getSession();
                sessions.add(session.getRequestedServerNames() + (asks ? " " + session.getPeerPrincipal() : ""));
                peer.send(answer("Hello"));
            }
        }));
    }

    private static void keyStore(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", authority.getRootCertificate());
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    /** PKCS #8 encrypted by PBES2, which the JDK can do but not write. */
    private static String encrypted(byte[] key) throws Exception {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD.toCharArray())));
        byte[] pbes2 = HexFormat.of().parseHex("06092a864886f70d01050d");
        byte[] how = der(0x30, pbes2, cipher.getParameters().getEncoded());
        byte[] bytes = der(0x30, how, der(0x04, cipher.doFinal(key)));
        return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (content.size() >= 0x80) {
            all.write(0x82);
            all.write(content.size() >> 8);
        }
        all.write(content.size());
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }
}
