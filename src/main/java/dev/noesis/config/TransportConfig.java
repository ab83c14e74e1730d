package dev.noesis.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a model client gets to its provider.
 *
 * @param io what the event loops wait with
 * @param proxy the way to the provider; null for the direct one
 * @param headers sent with each request beside the client's own, by lower-case name
 */
public record TransportConfig(Io io, Tls tls, @Nullable Proxy proxy, Map<String, Secret> headers) {
    /** The direct way, with the best there is on this machine. */
    public static final TransportConfig DEFAULT = new TransportConfig(Io.AUTO, Tls.DEFAULT, null, Map.of());

    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** Those that the client sets itself, or that say how a message is framed: a second opinion would break requests. */
    private static final Set<String> RESERVED = Set.of(
            "accept",
            "accept-encoding",
            "anthropic-version",
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-api-key");

    /** What waits for the network. */
    public enum Io {
        /** Epoll where there is one, else NIO. */
        AUTO("auto"),
        EPOLL("epoll"),
        NIO("nio"),
        /** Linux' own newest; only where it is asked for. */
        IO_URING("io_uring");

        private final String id;

        Io(String id) {
            this.id = id;
        }

        /** The name used in configuration. */
        public String id() {
            return id;
        }
    }

    /**
     * Whom to trust, and who we are.
     *
     * @param trustStore certificates to trust instead of the platform's, PEM or PKCS #12; null for the platform's
     * @param trustStorePassword of a PKCS #12 file
     * @param certificate PEM file of our own certificate and those that lead to its authority; null for none
     * @param key PEM file of its private key, PKCS #8; there exactly where the certificate is
     * @param keyPassword where the key is encrypted
     */
    public record Tls(
            @Nullable Path trustStore,
            @Nullable Secret trustStorePassword,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable Secret keyPassword) {
        /** The platform's authorities, and no certificate of our own. */
        public static final Tls DEFAULT = new Tls(null, null, null, null, null);

        /** @throws IllegalArgumentException if of certificate and key one is missing */
        public Tls {
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(Keys.llm(Keys.CLIENT_CERTIFICATE) + " and "
                        + Keys.llm(Keys.CLIENT_KEY) + " are set both or neither");
            }
        }
    }

    /**
     * A proxy that makes tunnels (CONNECT).
     *
     * @param host name or address
     * @param port 1 to 65,535
     * @param user for basic authentication; null for none
     * @param password there exactly where the user is
     */
    public record Proxy(
            String host,
            int port,
            @Nullable String user,
            @Nullable Secret password) {
        /** @throws IllegalArgumentException if the port is none, or of user and password one is missing */
        public Proxy {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException(Keys.llm(Keys.PROXY) + " has no port from 1 to 65535");
            }
            if ((user == null) != (password == null)) {
                throw new IllegalArgumentException(Keys.llm(Keys.PROXY_USER) + " and " + Keys.llm(Keys.PROXY_PASSWORD)
                        + " are set both or neither");
            }
        }

        /** Where it is; without user and password, so that it can be shown. */
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** @throws IllegalArgumentException that names the header which cannot be sent; never its value */
    public TransportConfig {
        Map<String, Secret> checked = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            String key = Keys.llm(Keys.HEADERS);
            if (!HEADER_NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(key + " has a name that no header can have");
            }
            if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(key + " must not set " + name + ", which is the client's own");
            }
            if (!value.reveal().chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
                throw new IllegalArgumentException(
                        key + " gives " + name + " a value with characters that cannot stand in a header");
            }
            checked.put(name.toLowerCase(Locale.ROOT), value);
        });
        headers = Map.copyOf(checked);
    }
}
