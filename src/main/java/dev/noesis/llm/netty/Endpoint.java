package dev.noesis.llm.netty;

import dev.noesis.config.LlmConfig;
import dev.noesis.config.Secret;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.wire.WireFormat;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where requests go, and what is said with each of them.
 *
 * <p><b>Threading.</b> Immutable.
 */
final class Endpoint {
    private static final String API_ROOT = "/v1";
    /** A header's value shorter than this is no secret, and may well be a part of any word. */
    private static final int LEAST_TO_HIDE = 6;

    private final String host;
    private final int port;
    private final boolean tls;
    private final String path;
    private final HttpHeaders headers;
    private final List<Secret> secrets;

    /**
     * @throws IllegalArgumentException if the base URL is no absolute http or https one, or the key cannot stand in a header
     */
    Endpoint(LlmConfig config, WireFormat format) {
        URI url = config.baseUrl();
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        tls = scheme.equals("https");
        if (!(tls || scheme.equals("http")) || url.getHost() == null) {
            throw new IllegalArgumentException("baseUrl is http://host[:port][/path] or https://…, not " + url);
        }
        host = url.getHost().replaceAll("^\\[|]$", "");
        port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        String prefix = url.getRawPath() == null ? "" : url.getRawPath();
        path = join(prefix.replaceAll("/+$", ""), format.path());
        secrets = secrets(config);
        headers = headers(config, format, url.getPort() >= 0 ? url.getHost() + ":" + port : url.getHost());
    }

    /** Many know a server by the address that ends in the API's root, and mean the same by it. */
    private static String join(String prefix, String path) {
        boolean hasRoot = prefix.endsWith(API_ROOT) && path.startsWith(API_ROOT + "/");
        return prefix + (hasRoot ? path.substring(API_ROOT.length()) : path);
    }

    private static HttpHeaders headers(LlmConfig config, WireFormat format, String hostHeader) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.HOST, hostHeader)
                .set(HttpHeaderNames.USER_AGENT, "noesis")
                .set(HttpHeaderNames.ACCEPT, HttpHeaderValues.TEXT_EVENT_STREAM)
                .set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY)
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        format.headers().forEach(headers::set);
        Secret secret = config.apiKey();
        if (secret != null) {
            String value = secret.reveal();
            // checked here, because whoever else complained might quote it
            if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                throw new IllegalArgumentException("apiKey is empty or has characters that cannot stand in a header");
            }
            switch (config.auth()) {
                case X_API_KEY -> headers.set("x-api-key", value);
                case BEARER -> headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + value);
            }
        }
        config.transport().headers().forEach((name, value) -> headers.set(name, value.reveal()));
        return headers;
    }

    private static List<Secret> secrets(LlmConfig config) {
        List<Secret> all = new ArrayList<>(config.transport().headers().values());
        all.removeIf(value -> value.reveal().length() < LEAST_TO_HIDE);
        Secret key = config.apiKey();
        if (key != null) {
            all.add(key);
        }
        return List.copyOf(all);
    }

    boolean tls() {
        return tls;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** Host and port, as a proxy is asked for them. */
    String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    InetSocketAddress address() {
        return address(host, port);
    }

    /** The address, unresolved unless the host is a literal address. */
    static InetSocketAddress address(String host, int port) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal == null) {
            return InetSocketAddress.createUnresolved(host, port);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(host, literal), port);
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException(wrongLength);
        }
    }

    /** A request with that body, which is not copied. */
    FullHttpRequest request(byte[] body) {
        HttpHeaders mine = headers.copy().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.POST,
                path,
                Unpooled.wrappedBuffer(body),
                mine,
                EmptyHttpHeaders.INSTANCE);
    }

    /** The same failure without the key and what other headers hold, which a server may have quoted. */
    LlmOutcome.Failed hideSecrets(LlmOutcome.Failed failed) {
        LlmFailure failure = failed.failure();
        String message = failure.message();
        for (Secret secret : secrets) {
            message = message.replace(secret.reveal(), secret.toString());
        }
        if (message.equals(failure.message())) {
            return failed;
        }
        LlmFailure hidden = new LlmFailure(
                failure.kind(),
                message,
                failure.status(),
                failure.retryAfterMs(),
                failure.shouldRetry(),
                failure.requestId());
        return new LlmOutcome.Failed(hidden, failed.usage(), failed.partial());
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + host + ":" + port + path;
    }
}
