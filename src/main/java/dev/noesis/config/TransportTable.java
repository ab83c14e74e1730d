package dev.noesis.config;

import java.util.Arrays;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** The keys of {@link TransportConfig}: a part of {@link ConfigTable}. */
final class TransportTable {
    /** Takes a key of a model client into the table. */
    interface Definer {
        void define(
                String suffix,
                ConfigDef.Type type,
                @Nullable Object preset,
                ConfigDef.@Nullable Validator legal,
                String sentence);
    }

    private TransportTable() {}

    static void define(Definer table) {
        table.define(
                Keys.TRANSPORT,
                ConfigDef.Type.STRING,
                TransportConfig.Io.AUTO.id(),
                Legal.oneOf(Arrays.stream(TransportConfig.Io.values())
                        .map(TransportConfig.Io::id)
                        .toList()),
                "What the event loops wait with; `auto` is epoll where there is one, else NIO. What is named has to be"
                        + " there, or the worker does not start.");
        table.define(
                Keys.TRUST_STORE,
                ConfigDef.Type.STRING,
                null,
                Legal.FILE,
                "PEM or PKCS #12 file of the certificates to trust, instead of the platform's.");
        table.define(
                Keys.TRUST_STORE_PASSWORD,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                "Password of a PKCS #12 file; given like `llm.api.key`, as all secrets are.");
        table.define(
                Keys.CLIENT_CERTIFICATE,
                ConfigDef.Type.STRING,
                null,
                Legal.FILE,
                "PEM file of the client's own certificate, where the server wants one, and of those that lead to its"
                        + " authority.");
        table.define(
                Keys.CLIENT_KEY,
                ConfigDef.Type.STRING,
                null,
                Legal.FILE,
                "PEM file of that certificate's private key, in PKCS #8.");
        table.define(
                Keys.CLIENT_KEY_PASSWORD,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                "Password of that key, where it is encrypted.");
        table.define(
                Keys.PROXY,
                ConfigDef.Type.STRING,
                null,
                Legal.SERVER_ADDRESS,
                "Proxy through which connections are made, by CONNECT, TLS inside; the proxy looks the provider's host up.");
        table.define(
                Keys.PROXY_USER,
                ConfigDef.Type.STRING,
                null,
                Legal.PROXY_USER,
                "User name for the proxy's basic authentication.");
        table.define(Keys.PROXY_PASSWORD, ConfigDef.Type.PASSWORD, null, null, "Password for it.");
        table.define(
                Keys.HEADERS,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                "Headers to send with each request, `Name: value`, each on its own line (`\\n` in a file); their values"
                        + " are never shown.");
    }
}
