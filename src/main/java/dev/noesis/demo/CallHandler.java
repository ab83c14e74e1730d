package dev.noesis.demo;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection: takes a request at a time, asks the responders for a reply and has it played.
 *
 * <p><b>Threading.</b> The connection's event loop only.
 */
final class CallHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(CallHandler.class);
    private static final Duration NO_WAIT = Duration.ZERO;

    private static final List<ModelApi> APIS = List.of(new MessagesApi(), new ChatApi());

    private final @Nullable String apiKey;
    private final List<Responder> responders;
    private final RateWindow rate;
    private final ModelServerStats stats;

    /** The request that is being answered; null between requests. */
    private @Nullable Exchange exchange;

    CallHandler(@Nullable String apiKey, List<Responder> responders, RateWindow rate, ModelServerStats stats) {
        this.apiKey = apiKey;
        this.responders = responders;
        this.rate = rate;
        this.stats = stats;
    }

    /** A request being answered: how it will be counted, and what plays its answer, if anything does yet. */
    private static final class Exchange {
        private final long number;
        private final ModelApi api;
        private String outcome = "client_closed";
        private @Nullable Playback playback;

        Exchange(long number, ModelApi api) {
            this.number = number;
            this.api = api;
        }

        String requestId() {
            return "req_%012d".formatted(number);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        stats.connected();
        ctx.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (exchange != null || !request.decoderResult().isSuccess()) {
            // Pipelined requests are beyond this server; broken ones are nothing to answer.
            ctx.close();
            return;
        }
        String path = new QueryStringDecoder(request.uri()).path();
        if (path.equals("/stats") && request.method().equals(HttpMethod.GET)) {
            send(ctx, HttpResponseStatus.OK, Map.of(), stats.json(), HttpUtil.isKeepAlive(request));
            return;
        }
        ModelApi api = apiAt(path);
        if (api != null) {
            Exchange begun = new Exchange(stats.begin(), api);
            exchange = begun;
            message(ctx, request, begun);
        } else {
            ApiError error = ApiError.of(404, "not_found_error", "Not found: " + path);
            send(
                    ctx,
                    HttpResponseStatus.NOT_FOUND,
                    Map.of(),
                    MessageEncoder.errorJson(error, "none"),
                    HttpUtil.isKeepAlive(request));
        }
    }

    private static @Nullable ModelApi apiAt(String path) {
        return APIS.stream().filter(api -> api.path().equals(path)).findFirst().orElse(null);
    }

    private void message(ChannelHandlerContext ctx, FullHttpRequest http, Exchange exchange) {
        boolean keepAlive = HttpUtil.isKeepAlive(http);
        ApiError refused = checkHead(http, exchange.api);
        if (refused != null) {
            refuse(ctx, exchange, refused, keepAlive, "status_" + refused.status(), NO_WAIT);
            return;
        }
        JsonNode body;
        try {
            body = JsonMapper.shared().readTree(http.content().toString(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            ApiError error = ApiError.invalid("The request body is not valid JSON: " + e.getOriginalMessage());
            refuse(ctx, exchange, error, keepAlive, "status_400", NO_WAIT);
            return;
        }
        if (stats.records()) {
            stats.record(exchange.number, headers(http), body);
        }
        ApiError invalid = exchange.api.check(body, http.headers());
        if (invalid != null) {
            refuse(ctx, exchange, invalid, keepAlive, "status_" + invalid.status(), NO_WAIT);
            return;
        }
        answer(ctx, exchange, exchange.api.read(body), keepAlive);
    }

    private void answer(ChannelHandlerContext ctx, Exchange exchange, ModelRequest request, boolean keepAlive) {
        Answer answer = choose(request);
        Reply reply = answer.reply();
        Fault fault = reply.fault();
        if (fault instanceof Fault.Status status) {
            int code = status.error().status();
            refuse(
                    ctx,
                    exchange,
                    status.error(),
                    keepAlive,
                    "status_" + code,
                    reply.pacing().headers());
            return;
        }
        if (fault instanceof Fault.StreamError error && !request.stream()) {
            // Where there is no stream, the same trouble shows as a status.
            int code = error.error().status();
            refuse(
                    ctx,
                    exchange,
                    error.error(),
                    keepAlive,
                    "status_" + code,
                    reply.pacing().headers());
            return;
        }
        Plan plan;
        Map<String, String> headers = commonHeaders(exchange);
        Reply.Pacing pacing = reply.pacing();
        if (request.stream()) {
            List<Frame> frames = exchange.api.stream(request, answer, exchange.number);
            plan = Plan.of(frames, fault, exchange.api, exchange.requestId());
            headers.put("content-type", "text/event-stream; charset=utf-8");
            headers.put("cache-control", "no-cache");
            headers.put("transfer-encoding", "chunked");
        } else {
            byte[] body = exchange.api.whole(request, reply, exchange.number);
            plan = Plan.ofWhole(body, fault);
            headers.put("content-type", "application/json");
            headers.put("content-length", Integer.toString(body.length));
            pacing = pacing.atOnce(reply.words());
        }
        if (!keepAlive) {
            headers.put("connection", "close");
        }
        if (fault != null) {
            exchange.outcome = fault.name();
        }
        Playback playback = new Playback(
                ctx.pipeline().context(ScriptedModelServer.ENCODER),
                plan,
                head(headers),
                request.stream(),
                keepAlive,
                pacing,
                exchange.api.ping(),
                stats,
                () -> end(exchange, fault == null ? "completed" : fault.name()));
        exchange.playback = playback;
        playback.start();
    }

    private Answer choose(ModelRequest request) {
        for (Responder responder : responders) {
            Answer answer = responder.answer(request);
            if (answer != null) {
                return answer;
            }
        }
        throw new IllegalStateException("the last responder answers everything");
    }

    private @Nullable ApiError checkHead(FullHttpRequest http, ModelApi api) {
        HttpHeaders headers = http.headers();
        if (!http.method().equals(HttpMethod.POST)) {
            return ApiError.of(405, "invalid_request_error", "Method Not Allowed");
        }
        ApiError wrong = api.checkHeaders(headers, apiKey);
        if (wrong != null) {
            return wrong;
        }
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            return ApiError.invalid("content-type: should be application/json");
        }
        return null;
    }

    private void refuse(
            ChannelHandlerContext ctx,
            Exchange exchange,
            ApiError error,
            boolean keepAlive,
            String outcome,
            Duration wait) {
        Map<String, String> headers = commonHeaders(exchange);
        if (error.retryAfter() != null) {
            headers.put("retry-after", error.retryAfter());
        }
        if (error.retryAfterMs() != null) {
            headers.put("retry-after-ms", error.retryAfterMs().toString());
        }
        if (error.shouldRetry() != null) {
            headers.put("x-should-retry", error.shouldRetry().toString());
        }
        Runnable refusal = () -> {
            if (this.exchange == exchange) {
                end(exchange, outcome);
                send(
                        ctx,
                        HttpResponseStatus.valueOf(error.status()),
                        headers,
                        exchange.api.errorJson(error, exchange.requestId()),
                        keepAlive);
            }
        };
        if (wait.isZero()) {
            refusal.run();
        } else {
            var _ = ctx.executor().schedule(refusal, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void end(Exchange ended, String outcome) {
        if (exchange == ended) {
            exchange = null;
            stats.end(outcome);
        }
    }

    private static void send(
            ChannelHandlerContext ctx,
            HttpResponseStatus status,
            Map<String, String> headers,
            String json,
            boolean keepAlive) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        headers.forEach((name, value) -> response.headers().set(name, value));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        HttpUtil.setContentLength(response, body.length);
        HttpUtil.setKeepAlive(response, keepAlive);
        var written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private Map<String, String> commonHeaders(Exchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.api.addHeaders(headers, exchange.requestId(), rate);
        return headers;
    }

    private static byte[] head(Map<String, String> headers) {
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static Map<String, String> headers(FullHttpRequest http) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : http.headers()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean secret = name.equals("x-api-key") || name.equals("authorization");
            headers.put(name, secret ? "[hidden]" : header.getValue());
        }
        return headers;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable() && exchange != null && exchange.playback != null) {
            exchange.playback.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stats.disconnected();
        Exchange lost = exchange;
        if (lost != null) {
            if (lost.playback != null) {
                lost.playback.stop();
            }
            end(lost, lost.outcome);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that breaks its connection is no event worth a line; anything else is a bug of this server.
        if (!(cause instanceof IOException || cause instanceof DecoderException)) {
            LOG.atError().setCause(cause).log("request failed");
        }
        ctx.close();
    }
}
