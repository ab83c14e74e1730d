package dev.noesis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.model.Lane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportConfigTest {
    private static final String SECRET = "hush-4711";

    @TempDir
    Path dir;

    @Test
    void withoutSettingsTheWayIsDirectAndThePlatformIsTrusted() {
        assertThat(load(Map.of())).isEqualTo(TransportConfig.DEFAULT);
    }

    @Test
    void everythingIsRead() throws Exception {
        Path file = Files.createFile(dir.resolve("any"));
        TransportConfig config = load(Map.of(
                "llm.transport",
                "io_uring",
                "llm.trust.store",
                file.toString(),
                "llm.trust.store.password",
                SECRET,
                "llm.client.certificate",
                file.toString(),
                "llm.client.key",
                file.toString(),
                "llm.client.key.password",
                SECRET,
                "llm.proxy",
                "[::1]:3128",
                "llm.proxy.user",
                "me",
                "llm.proxy.password",
                SECRET,
                "llm.headers",
                "X-Org: a: b\n\nx-team :  " + SECRET + "\n"));
        Secret secret = new Secret(SECRET);

        assertThat(config)
                .isEqualTo(new TransportConfig(
                        TransportConfig.Io.IO_URING,
                        new TransportConfig.Tls(file, secret, file, file, secret),
                        new TransportConfig.Proxy("::1", 3128, "me", secret),
                        Map.of("x-org", new Secret("a: b"), "x-team", secret)));
        assertThat(config.toString()).contains("[::1]:3128").doesNotContain(SECRET);
    }

    @Test
    void aLaneHasItsOwnWay() {
        var values = Map.of("llm.proxy", "a.example:1", "heartbeat.llm.proxy", "b.example:2", "llm.transport", "nio");

        assertThat(load(values, Lane.CHAT).proxy()).hasToString("a.example:1");
        assertThat(load(values, Lane.HEARTBEAT).proxy()).hasToString("b.example:2");
        assertThat(load(values, Lane.HEARTBEAT).io()).isEqualTo(TransportConfig.Io.NIO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llm.transport=kqueue|llm.transport (program) is 'kqueue', and must be auto or epoll or nio or io_uring",
                "llm.proxy=proxy.example|llm.proxy (program) must be host:port",
                "llm.proxy=proxy.example:70000|llm.proxy has no port from 1 to 65535",
                "llm.proxy=http://u:hush-4711@p.example:1|llm.proxy (program) must be host:port",
                "llm.proxy=p:1,llm.proxy.user=me|llm.proxy.user and llm.proxy.password are set both or neither",
                "llm.proxy.user=me|llm.proxy.user and llm.proxy.password do nothing without llm.proxy",
                "llm.client.key=pom.xml|llm.client.certificate and llm.client.key are set both or neither",
                "llm.client.certificate=no/pem,llm.client.key=pom.xml|names the file no/pem, which cannot be read",
                "llm.headers=hush-4711|llm.headers (program) has a line that is not 'Name: value'",
                "llm.headers=X-A: hush-4711\nx-a: b|llm.headers (program) has x-a twice",
                "llm.headers=Content-Length: hush-4711|llm.headers must not set content-length"
            })
    void whatCannotBeUsedIsRefusedByNameAndWithoutASecret(String row) {
        String[] parts = row.split("\\|", -1);
        Map<String, String> values = new HashMap<>();
        for (String pair : parts[0].split(",", -1)) {
            values.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }

        assertThatThrownBy(() -> load(values))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(parts[1])
                .message()
                .doesNotContain("hush");
    }

    @Test
    void secretsAreRefusedOnTheCommandLine() {
        for (String key :
                List.of("llm.trust.store.password", "llm.client.key.password", "llm.proxy.password", "llm.headers")) {
            assertThatThrownBy(() -> ConfigLoader.load(new ConfigSources(null, Map.of(), List.of(key + "=" + SECRET))))
                    .hasMessageContaining(key + " is a secret")
                    .message()
                    .doesNotContain(SECRET);
        }
    }

    private static TransportConfig load(Map<String, String> values) {
        return load(values, Lane.CHAT);
    }

    private static TransportConfig load(Map<String, String> values, Lane lane) {
        return ConfigLoader.load(values).lane(lane).llm().transport();
    }
}
