package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * TLS to one endpoint: OpenSSL where it is there, else the JDK's; TLS 1.2 and 1.3; the host is named to the server (SNI), and
 * its certificate has to be for that name.
 *
 * <p><b>Threading.</b> Any.
 */
final class Tls implements AutoCloseable {
    /** A peer that does not read need not be told at length that we go. */
    private static final long CLOSE_NOTIFY_MS = 500;

    private final SslContext context;
    private final Endpoint endpoint;
    private final long handshakeMs;

    /**
     * @throws IllegalArgumentException if the trust store cannot be read, or TLS is not to be had
     */
    Tls(Endpoint endpoint, LlmConfig config) {
        this.endpoint = endpoint;
        this.handshakeMs = config.tlsTimeout().toMillis();
        Path trustStore = config.trustStore();
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .endpointIdentificationAlgorithm("HTTPS");
            if (trustStore != null) {
                builder.trustManager(trustStore.toFile());
            }
            context = builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no TLS" + (trustStore == null ? "" : " with the trust store " + trustStore), e);
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
