package dev.noesis.bench.llm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The bytes of answers, encoded beforehand: a delta costs the server no more than writing a moment into a copy.
 *
 * <p>Each event is one HTTP chunk, as providers send them. A delta's text begins with the moment of its sending, sixteen digits
 * of microseconds of {@link System#nanoTime}, which all processes of a machine share.
 */
final class Frames {
    private static final String MOMENT = "0000000000000000";
    /** With the moment, the length of a few tokens. */
    private static final String WORDS = " and so on";

    private final byte[] head;
    private final byte[] start;
    private final byte[] delta;
    private final byte[] ping;
    private final byte[] stop;
    private final int momentAt;

    private Frames(String start, String delta, String ping, String stop) {
        this.head = String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "content-type: text/event-stream; charset=utf-8",
                        "cache-control: no-cache",
                        "request-id: req_1",
                        "transfer-encoding: chunked",
                        "",
                        "")
                .getBytes(US_ASCII);
        this.start = start.getBytes(US_ASCII);
        this.delta = delta.getBytes(US_ASCII);
        this.ping = ping.getBytes(US_ASCII);
        this.stop = stop.getBytes(US_ASCII);
        this.momentAt = delta.indexOf(MOMENT);
    }

    static Frames messages() {
        return new Frames(
                event("message_start", """
                        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",\
                        "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}}""") + event("content_block_start", """
                                {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
                event("content_block_delta", """
                        {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}""".formatted(MOMENT + WORDS)),
                event("ping", "{\"type\":\"ping\"}"),
                event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
                        + event("message_delta", """
                                {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
                                "usage":{"output_tokens":100}}""")
                        + event("message_stop", "{\"type\":\"message_stop\"}"));
    }

    static Frames completions() {
        return new Frames(
                completion("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                completion("{\"content\":\"" + MOMENT + WORDS + "\"}", "null"),
                chunk(": ping\n\n"),
                completion("{}", "\"stop\"") + chunk("data: [DONE]\n\n"));
    }

    private static String event(String name, String data) {
        return chunk("event: " + name + "\ndata: " + data + "\n\n");
    }

    private static String completion(String delta, String finish) {
        return chunk("data: " + """
                {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",\
                "choices":[{"index":0,"delta":%s,"finish_reason":%s}]}""".formatted(delta, finish) + "\n\n");
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }

    /** The response's head and all that comes before the first delta. */
    ByteBuf begin(ByteBufAllocator alloc) {
        return alloc.directBuffer(head.length + start.length).writeBytes(head).writeBytes(start);
    }

    /** So many deltas, sent now. */
    ByteBuf deltas(ByteBufAllocator alloc, int count) {
        byte[] digits = digits(System.nanoTime() / 1_000);
        ByteBuf deltas = alloc.directBuffer(count * delta.length);
        for (int i = 0; i < count; i++) {
            deltas.writeBytes(delta, 0, momentAt)
                    .writeBytes(digits)
                    .writeBytes(delta, momentAt + digits.length, delta.length - momentAt - digits.length);
        }
        return deltas;
    }

    ByteBuf ping(ByteBufAllocator alloc) {
        return alloc.directBuffer(ping.length).writeBytes(ping);
    }

    /** All that comes after the last delta, but for the end of the response. */
    ByteBuf stop(ByteBufAllocator alloc) {
        return alloc.directBuffer(stop.length).writeBytes(stop);
    }

    /** The end of the response. */
    static ByteBuf end(ByteBufAllocator alloc) {
        return alloc.directBuffer().writeBytes("0\r\n\r\n".getBytes(US_ASCII));
    }

    private static byte[] digits(long micros) {
        byte[] digits = new byte[MOMENT.length()];
        long rest = micros;
        for (int i = digits.length - 1; i >= 0; i--) {
            digits[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return digits;
    }

    /** When a delta with that text was sent, in microseconds of {@link System#nanoTime}; −1 where it is none of ours. */
    static long sentMicros(String text) {
        if (text.length() < MOMENT.length()) {
            return -1;
        }
        long micros = 0;
        for (int i = 0; i < MOMENT.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            micros = micros * 10 + digit;
        }
        return micros;
    }
}
