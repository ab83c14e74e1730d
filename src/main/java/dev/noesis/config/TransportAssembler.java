package dev.noesis.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the {@link TransportConfig} of one client: a part of {@link ConfigAssembler}. */
final class TransportAssembler {
    private final ConfigAssembler values;
    private final ClientKeys keys;

    TransportAssembler(ConfigAssembler values, ClientKeys keys) {
        this.values = values;
        this.keys = keys;
    }

    TransportConfig assemble() {
        return new TransportConfig(io(), tls(), proxy(), headers());
    }

    private TransportConfig.Io io() {
        String id = values.text(key(Keys.TRANSPORT));
        return Arrays.stream(TransportConfig.Io.values())
                .filter(io -> io.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Keys.llm(Keys.TRANSPORT) + " has no value " + id));
    }

    private TransportConfig.Tls tls() {
        return new TransportConfig.Tls(
                file(Keys.TRUST_STORE),
                values.secretOrNull(key(Keys.TRUST_STORE_PASSWORD)),
                file(Keys.CLIENT_CERTIFICATE),
                file(Keys.CLIENT_KEY),
                values.secretOrNull(key(Keys.CLIENT_KEY_PASSWORD)));
    }

    private TransportConfig.@Nullable Proxy proxy() {
        String address = values.textOrNull(key(Keys.PROXY));
        String user = values.textOrNull(key(Keys.PROXY_USER));
        Secret password = values.secretOrNull(key(Keys.PROXY_PASSWORD));
        if (address == null) {
            if (user != null || password != null) {
                values.problem(key(Keys.PROXY_USER) + " and " + key(Keys.PROXY_PASSWORD) + " do nothing without "
                        + key(Keys.PROXY));
            }
            return null;
        }
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
        return new TransportConfig.Proxy(host, Integer.parseInt(address.substring(colon + 1)), user, password);
    }

    private Map<String, Secret> headers() {
        String key = key(Keys.HEADERS);
        String lines = values.passwordOrNull(key);
        if (lines == null) {
            return Map.of();
        }
        Map<String, Secret> headers = new LinkedHashMap<>();
        for (String line : lines.lines().filter(each -> !each.isBlank()).toList()) {
            int colon = line.indexOf(':');
            String name = colon < 1 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (name.isEmpty() || value.isEmpty()) {
                values.problem(key + " " + values.where(key) + " has a line that is not 'Name: value'");
                continue;
            }
            Secret secret = values.secret(key, value);
            if (secret != null && headers.put(name, secret) != null) {
                values.problem(key + " " + values.where(key) + " has " + name + " twice");
            }
        }
        return headers;
    }

    private @Nullable Path file(String suffix) {
        String key = key(suffix);
        String file = values.textOrNull(key);
        if (file == null) {
            return null;
        }
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            values.problem(key + " " + values.where(key) + " names the file " + path + ", which cannot be read");
        }
        return path;
    }

    private String key(String suffix) {
        return keys.key(suffix);
    }
}
