package dev.noesis.llm.netty;

import static dev.noesis.llm.netty.FakeServer.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig;
import dev.noesis.config.TransportConfig.Io;
import dev.noesis.llm.LlmFailure;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client waits with, and what it says with each request beside what it has to. */
class ClientTransportTest extends ClientFixture {
    @ParameterizedTest
    @EnumSource
    void aCallIsAnsweredWhateverTheLoopsWaitWith(Io io) throws Exception {
        assumeThat(io != Io.EPOLL || Epoll.isAvailable()).isTrue();
        assumeThat(io != Io.IO_URING || IoUring.isAvailable()).isTrue();
        FakeServer server = server(FakeServer.always(answer("Hello")));
        NettyLlmClient client = client(new TestConfig(server.url()).io(io));

        assertThat(call(client).text()).isEqualTo("Hello");
        awaitQuiet(client, 1);
        assertThat(call(client).text()).isEqualTo("Hello");
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatComesInPiecesIsWholeWhateverTheLoopsWaitWith(Io io) throws Exception {
        assumeThat(io != Io.EPOLL || Epoll.isAvailable()).isTrue();
        assumeThat(io != Io.IO_URING || IoUring.isAvailable()).isTrue();
        FakeServer server = server(FakeServer.inPieces("Hello", 20, 15));
        NettyLlmClient client = client(new TestConfig(server.url()).io(io));

        for (int i = 0; i < 2; i++) {
            assertThat(call(client).text()).isEqualTo("Hello".repeat(20));
        }
        assertThat(server.connections()).isEqualTo(1);
        assertThat(client.stats().rests() > 0).isEqualTo(busyReads() == 0);
    }

    @Test
    void whatIsNamedIsTakenOrTheClientDoesNotStart() {
        assertThat(IoTransport.of(Io.NIO).channel()).isEqualTo(NioSocketChannel.class);
        assertThat(IoTransport.of(Io.AUTO).channel())
                .isEqualTo(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class);
        if (!IoUring.isAvailable()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> IoTransport.of(Io.IO_URING))
                    .withMessageStartingWith("llm.transport=io_uring is not to be had on this machine: ");
        }
        if (!Epoll.isAvailable()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> IoTransport.of(Io.EPOLL))
                    .withMessageStartingWith("llm.transport=epoll is not to be had on this machine: ");
        }
    }

    @Test
    void headersOfTheConfigurationGoWithEachRequestAndAreShownNowhere() throws Exception {
        String value = "tenant-4711-secret";
        LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        FakeServer server = server(peer -> {
            requests.add(peer.readRequest());
            peer.send(FakeServer.Answers.error(400, Map.of(), "we do not know " + value + " nor " + TestConfig.KEY));
        });
        TestConfig config = new TestConfig(server.url()).headers(Map.of("x-tenant", new Secret(value)));
        LlmFailure failure = call(client(config)).failure();

        assertThat(requests.take()).contains("x-tenant: " + value + "\r\n");
        assertThat(failure.message()).contains("we do not know [hidden] nor [hidden]");
        assertThat(config.build().toString()).doesNotContain(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "content-length", "Transfer-Encoding", "Authorization", "X-API-Key", "connection"})
    void aHeaderOfTheClientsOwnIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransportConfig(
                        Io.AUTO, TransportConfig.Tls.DEFAULT, null, Map.of(name, new Secret("hush-hush"))))
                .withMessageContaining("llm.headers must not set " + name)
                .withMessageNotContaining("hush");
    }

    @Test
    void aHeaderThatCannotBeOneIsRefusedWithoutItsValue() {
        for (String name : new String[] {"", "a b", "a\r\nb", "ä"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new TransportConfig(
                            Io.AUTO, TransportConfig.Tls.DEFAULT, null, Map.of(name, new Secret("hush"))))
                    .withMessageContaining("llm.headers has a name");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransportConfig(
                        Io.AUTO, TransportConfig.Tls.DEFAULT, null, Map.of("x-name", new Secret("hush é"))))
                .withMessageContaining("x-name")
                .withMessageNotContaining("hush");
    }
}
