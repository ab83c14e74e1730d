package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS to one endpoint: OpenSSL where it is there, else the JDK's; TLS 1.2 and 1.3; the host is named to the server (SNI), and
 * its certificate has to be for that name. Where we have a certificate of our own, the server gets it if it asks.
 *
 * <p><b>Threading.</b> Any.
 */
final class Tls implements AutoCloseable {
    /** A peer that does not read need not be told at length that we go. */
    private static final long CLOSE_NOTIFY_MS = 500;

    private final SslContext context;
    private final Endpoint endpoint;
    private final long handshakeMs;

    /** OpenSSL where it is there. */
    static SslProvider best() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    /**
     * @throws IllegalArgumentException if trust store, certificate or key cannot be used, or TLS is not to be had; it names the
     *     file
     */
    Tls(Endpoint endpoint, LlmConfig config, SslProvider provider) {
        this.endpoint = endpoint;
        this.handshakeMs = config.tlsTimeout().toMillis();
        TransportConfig.Tls files = config.transport().tls();
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols("TLSv1.3", "TLSv1.2")
                .endpointIdentificationAlgorithm("HTTPS");
        trust(builder, files.trustStore(), files.trustStorePassword());
        identify(builder, files);
        try {
            context = builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("no TLS by " + provider + ": " + Causes.root(e), e);
        }
    }

    private static void trust(SslContextBuilder builder, @Nullable Path store, @Nullable Secret password) {
        if (store == null) {
            return;
        }
        try {
            byte[] content = Files.readAllBytes(store);
            if (new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")) {
                builder.trustManager(new ByteArrayInputStream(content));
            } else {
                builder.trustManager(authorities(content, password));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no TLS with the trust store " + store
                            + ", which is neither PEM nor PKCS #12 that its password opens: " + Causes.root(e),
                    e);
        }
    }

    private static TrustManagerFactory authorities(byte[] content, @Nullable Secret password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(
                new ByteArrayInputStream(content),
                password == null ? null : password.reveal().toCharArray());
        boolean any = false;
        for (String alias : Collections.list(store.aliases())) {
            any |= store.isCertificateEntry(alias);
        }
        if (!any) {
            // without its password such a file opens all the same, and shows nothing
            throw new IOException(
                    "it holds no certificate that can be read" + (password == null ? " without a password" : ""));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static void identify(SslContextBuilder builder, TransportConfig.Tls files) {
        Path certificate = files.certificate();
        if (certificate == null) {
            return;
        }
        Path key = Objects.requireNonNull(files.key(), "comes with the certificate");
        Secret password = files.keyPassword();
        try {
            builder.keyManager(certificate.toFile(), key.toFile(), password == null ? null : password.reveal());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no TLS with the certificate " + certificate + " and the key " + key + ": " + Causes.root(e), e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator, endpoint.host(), endpoint.port());
        handler.setHandshakeTimeoutMillis(handshakeMs);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MS);
        return handler;
    }

    /** No handler can be made any more; those that were made go on. */
    @Override
    public void close() {
        ReferenceCountUtil.release(context);
    }
}
