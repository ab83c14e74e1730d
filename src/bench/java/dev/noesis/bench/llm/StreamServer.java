package dev.noesis.bench.llm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers both wire formats with streams of a fixed shape, on one event loop, as cheaply as it can: requests are decoded,
 * responses are bytes made beforehand. The model that a request names says which workload its answer belongs to.
 *
 * <p>{@code GET /figures} answers with what the server did so far, {@code GET /end} also ends all dripping streams.
 */
final class StreamServer {
    private static final Pattern MODEL = Pattern.compile("\"model\"\\s*:\\s*\"([^\"]*)\"");

    private final Frames messages = Frames.messages();
    private final Frames completions = Frames.completions();
    private final Drip drip;

    private StreamServer(EventLoop loop) {
        drip = new Drip(loop);
    }

    /** Prints the port, and serves until its standard input ends. */
    public static void main(String[] args) throws Exception {
        var loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var server = new StreamServer(loops.next());
        var listening = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpRequestDecoder(), server.new Requests());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        System.out.println(((InetSocketAddress) listening.localAddress()).getPort());
        while (System.in.read() >= 0) {
            // whoever started us goes on
        }
        System.exit(0);
    }

    private final class Requests extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private String path = "";
        private @Nullable Flood flood;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            try {
                if (message instanceof HttpRequest request) {
                    path = request.uri();
                    body.reset();
                }
                if (message instanceof HttpContent content) {
                    body.write(ByteBufUtil.getBytes(content.content()));
                }
                if (message instanceof LastHttpContent) {
                    answer(ctx);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void answer(ChannelHandlerContext ctx) {
            switch (path) {
                case "/figures" -> figures(ctx);
                case "/end" -> {
                    drip.end();
                    figures(ctx);
                }
                default -> {
                    Frames frames = path.endsWith("/chat/completions") ? completions : messages;
                    Matcher model = MODEL.matcher(body.toString(UTF_8));
                    serve(ctx, frames, model.find() ? model.group(1) : "none");
                }
            }
        }

        private void serve(ChannelHandlerContext ctx, Frames frames, String model) {
            Faults faults = new Faults(ctx.channel(), frames);
            switch (model) {
                case "drip" -> drip.add(ctx.channel(), frames);
                case "flood" -> {
                    flood = new Flood(ctx.channel(), frames);
                    flood.begin();
                }
                case "unary" -> faults.whole();
                case "stall" -> faults.silent();
                case "pings" -> faults.onlyPings();
                case "mute" -> {} // not even a head
                case "cut" -> faults.endedEarly();
                case "broken" -> faults.closed();
                default -> throw new IllegalArgumentException("no workload named " + model);
            }
        }

        private void figures(ChannelHandlerContext ctx) {
            String figures = drip.deltas() + " " + drip.skipped() + " " + OwnProcess.cpuNanos();
            ByteBuf response = ctx.alloc().buffer();
            response.writeCharSequence(
                    "HTTP/1.1 200 OK\r\ncontent-length: " + figures.length() + "\r\n\r\n" + figures, US_ASCII);
            ctx.writeAndFlush(response);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (flood != null) {
                flood.more();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // a client that goes away; the streams of its connection end with it
            ctx.close();
        }
    }
}
