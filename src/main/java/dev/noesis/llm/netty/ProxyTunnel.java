package dev.noesis.llm.netty;

import dev.noesis.config.Secret;
import dev.noesis.config.TransportConfig.Proxy;
import dev.noesis.llm.LlmFailure;
import dev.noesis.llm.LlmFailure.Kind;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Asks a proxy for a tunnel (RFC 9110, 9.3.6), and leaves the pipeline empty when it has it: what is put there then talks to
 * the provider itself. It hears of the end once; a limit of time is the caller's.
 *
 * <p>Written here because Netty's own wants the proxy's address resolved when the pipeline is built, and starts the TLS
 * handshake's clock before there is a tunnel.
 *
 * <p><b>Threading.</b> The channel's event loop only.
 */
final class ProxyTunnel extends SimpleChannelInboundHandler<HttpObject> {
    /** Who waits for the tunnel; exactly one of the two is called, unless it closes the channel first and stops listening. */
    interface Listener {
        void tunnelled();

        void notTunnelled(LlmFailure failure);
    }

    private static final String CODEC = "proxy-http";

    private final Proxy proxy;
    private final String target;
    private final Listener listener;
    private boolean granted;
    private boolean over;

    private ProxyTunnel(Proxy proxy, String target, Listener listener) {
        this.proxy = proxy;
        this.target = target;
        this.listener = listener;
    }

    /**
     * Asks for a tunnel on a channel that is connected to the proxy and has nothing in its pipeline.
     *
     * @param target {@code host:port}
     */
    static void ask(Channel channel, Proxy proxy, String target, HttpDecoderConfig bounds, Listener listener) {
        ProxyTunnel tunnel = new ProxyTunnel(proxy, target, listener);
        channel.pipeline().addLast(CODEC, new HttpClientCodec(bounds, false, false));
        channel.pipeline().addLast("proxy", tunnel);
        channel.writeAndFlush(tunnel.request()).addListener(written -> {
            if (!written.isSuccess()) {
                tunnel.failed(Kind.PROXY_FAILED, "cannot be written to: " + Causes.root(written.cause()));
            }
        });
    }

    private FullHttpRequest request() {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.CONNECT, target, Unpooled.EMPTY_BUFFER);
        request.headers().set(HttpHeaderNames.HOST, target);
        Secret password = proxy.password();
        if (password != null) {
            byte[] credentials = (proxy.user() + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
            request.headers()
                    .set(
                            HttpHeaderNames.PROXY_AUTHORIZATION,
                            "Basic " + Base64.getEncoder().encodeToString(credentials));
        }
        return request;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            failed(Kind.PROXY_FAILED, "does not speak HTTP");
            return;
        }
        if (message instanceof HttpResponse response) {
            answered(response);
        }
        if (granted && message instanceof LastHttpContent) {
            over = true;
            ctx.pipeline().remove(CODEC);
            ctx.pipeline().remove(this);
            listener.tunnelled();
        }
    }

    private void answered(HttpResponse response) {
        int status = response.status().code();
        switch (response.status().codeClass()) {
            case INFORMATIONAL -> {}
            case SUCCESS -> granted = true;
            case SERVER_ERROR -> failed(Kind.PROXY_FAILED, "made none to " + target + ": HTTP " + status);
            case REDIRECTION, CLIENT_ERROR, UNKNOWN ->
                failed(passing(status) ? Kind.PROXY_FAILED : Kind.PROXY_REFUSED, refusal(status));
        }
    }

    private static boolean passing(int status) {
        return status == 408 || status == 429;
    }

    private String refusal(int status) {
        String why = status != 407
                ? ""
                : proxy.password() == null
                        ? ", it wants a user and a password"
                        : ", it does not take user and password";
        return "refused one to " + target + ": HTTP " + status + why;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(Kind.PROXY_FAILED, "broke off: " + Causes.root(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed(Kind.PROXY_FAILED, "closed the connection");
    }

    private void failed(Kind kind, String how) {
        if (!over) {
            over = true;
            listener.notTunnelled(LlmFailure.of(kind, "no tunnel through the proxy " + proxy + ": it " + how));
        }
    }
}
