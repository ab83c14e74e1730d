package dev.noesis.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelServerTlsTest {
    private static final char[] PASSWORD = "not-a-secret".toCharArray();

    @Test
    void streamsAndFaultsGoOverTlsToo(@TempDir Path dir) throws Exception {
        KeyStore keys = selfSigned(dir.resolve("keys.p12"));
        KeyManagerFactory ours = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        ours.init(keys, PASSWORD);
        TrustManagerFactory theirs = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        theirs.init(keys);
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, theirs.getTrustManagers(), null);
        ScriptedModelServer.Options options = ScriptedModelServer.Options.defaults()
                .instant()
                .withScript(
                        Script.parse("- {match: break, answer: a b c, fault: {reset: 3}}\n- answer: one two", "test"))
                .withTls(SslContextBuilder.forServer(ours).build());

        try (ScriptedModelServer server = ScriptedModelServer.start(options);
                HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
            assertThat(server.baseUrl().getScheme()).isEqualTo("https");
            assertThat(client.send(ask(server, "go"), HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("event: message_stop");
            assertThatThrownBy(() -> client.send(ask(server, "break"), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    private static HttpRequest ask(ScriptedModelServer server, String text) {
        return HttpRequest.newBuilder(server.baseUrl().resolve("/v1/messages"))
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .header("anthropic-version", "2023-06-01")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"max_tokens\":100,\"stream\":true,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}"))
                .build();
    }

    /** Made anew for each test by the JDK's own tool, so that no key lies in the repository. */
    private static KeyStore selfSigned(Path file) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(file.resolveSibling("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }
}
