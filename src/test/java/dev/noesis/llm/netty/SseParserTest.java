package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.noesis.config.RequestConfig;
import dev.noesis.llm.Recorded;
import dev.noesis.llm.RecordingListener;
import dev.noesis.llm.anthropic.MessagesFormat;
import dev.noesis.llm.wire.AnswerStream;
import dev.noesis.llm.wire.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
    @Test
    void aRecordedStreamGivesTheSameAnswerWhereverItIsCutInTwo() {
        byte[] recorded = Recorded.stream();
        List<String> whole = decode(recorded);
        assertThat(whole).hasSize(21);

        for (int at = 0; at <= recorded.length; at++) {
            List<Event> events =
                    events(Arrays.copyOfRange(recorded, 0, at), Arrays.copyOfRange(recorded, at, recorded.length));
            assertThat(strings(events)).as("cut at %d", at).isEqualTo(whole);
            assertThat(answer(events)).as("cut at %d", at).isEqualTo(Recorded.OUTCOME);
        }
    }

    @Test
    void aRecordedStreamGivesTheSameAnswerByteByByte() {
        byte[] recorded = Recorded.stream();
        byte[][] bytes = new byte[recorded.length][];
        for (int i = 0; i < recorded.length; i++) {
            bytes[i] = new byte[] {recorded[i]};
        }

        assertThat(answer(events(bytes))).isEqualTo(Recorded.OUTCOME);
    }

    @Test
    void directBuffersAreReadAsWell() {
        byte[] recorded = Recorded.stream();
        ByteBuf direct = Unpooled.directBuffer(recorded.length).writeBytes(recorded);
        List<Event> events = new ArrayList<>();
        new SseParser((name, data) -> events.add(new Event(name, data))).read(direct);

        assertThat(answer(events)).isEqualTo(Recorded.OUTCOME);
        assertThat(direct.readableBytes()).isEqualTo(recorded.length);
        direct.release();
    }

    @Test
    void aRecordedStreamGivesTheSameAnswerInRandomPieces() {
        byte[] recorded = Recorded.stream();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            List<byte[]> pieces = new ArrayList<>();
            int at = 0;
            while (at < recorded.length) {
                int end = Math.min(recorded.length, at + random.nextInt(90));
                pieces.add(Arrays.copyOfRange(recorded, at, end));
                at = end;
            }
            assertThat(answer(events(pieces.toArray(new byte[0][]))))
                    .as("seed %d", seed)
                    .isEqualTo(Recorded.OUTCOME);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // line ends
                "data: a~~ | message: a",
                "data: a^^ | message: a",
                "data: a^~^~ | message: a",
                "data: a~^ | message: a",
                "data: a^~^data: b~~ | message: a ; message: b",
                "~^~^~data: a~~~~ | message: a",
                // fields
                "data:a~~ | message: a",
                "data:  a ~~ | message:  a ",
                "data~~ | message: ",
                "data:~~ | message: ",
                "data: a~data: b~~ | message: a/b",
                "data~data~~ | message: /",
                "event: e~data: a~~ | e: a",
                "data: a~event: e~~ | e: a",
                "event: e~event: f~data: a~~ | f: a",
                "event: e~event~data: a~~ | message: a",
                "event: e~event:~data: a~~ | message: a",
                "event: e~~data: a~~ | message: a",
                "event: e~data: a~~data: b~~ | e: a ; message: b",
                "event:ü€~data: a~~event:ü€~data: b~~ | ü€: a ; ü€: b",
                "data: a:b: c~~ | message: a:b: c",
                "' data: a~~' | -",
                "Data: a~~ | -",
                "dat: a~datax: b~eventx: e~data: c~~ | message: c",
                "id: 1~retry: 5~data: a~~ | message: a",
                ": data: b~:~data: a~~ | message: a",
                // what is not ended, or has no data, never was
                "data: a~ | -",
                "data: a | -",
                "event: e~~ | -",
                "'' | -",
            })
    void eventsAreCutAsTheStandardSays(String stream, String expected) {
        byte[] bytes = stream.replace('~', '\n').replace('^', '\r').getBytes(StandardCharsets.UTF_8);
        List<String> events = expected.equals("-") ? List.of() : List.of(expected.split(" ; ", -1));

        assertThat(decode(bytes)).as("whole").isEqualTo(trailing(events));
        for (int at = 1; at < bytes.length; at++) {
            assertThat(decode(Arrays.copyOfRange(bytes, 0, at), Arrays.copyOfRange(bytes, at, bytes.length)))
                    .as("cut at %d", at)
                    .isEqualTo(trailing(events));
        }
    }

    /** The table trims; these are the cells that end in a space. */
    private static List<String> trailing(List<String> events) {
        return events.stream()
                .map(e -> e.equals("message:") ? "message: " : e)
                .map(e -> e.equals("message:  a") ? "message:  a " : e)
                .toList();
    }

    @Test
    void onlyTheFirstByteOrderMarkIsDropped() {
        assertThat(decode("\uFEFFdata: a\n\n\uFEFFdata: b\n\n".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("message: a");
        assertThat(decode("\uFEFF\n\ndata: \uFEFF\n\n".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("message: \uFEFF");
    }

    @Test
    void aLineAndAnEventHaveBounds() {
        assertThat(decodeBounded("data: " + "x".repeat(14) + "\n\n")).containsExactly("message: " + "x".repeat(14));
        assertThat(decodeBounded("data: 1234567890\ndata: 1234567890\n\n")).hasSize(1);
        assertThatExceptionOfType(TooLongFrameException.class)
                .isThrownBy(() -> decodeBounded("data: " + "x".repeat(15) + "\n\n"))
                .withMessageContaining("line");
        assertThatExceptionOfType(TooLongFrameException.class)
                .isThrownBy(() -> decodeBounded(": " + "x".repeat(100)))
                .withMessageContaining("line");
        assertThatExceptionOfType(TooLongFrameException.class)
                .isThrownBy(() -> decodeBounded("data: 1234567890\ndata: 1234567890\ndata: 1234567890\n\n"))
                .withMessageContaining("event");
    }

    @Test
    void manyEmptyDataLinesAreBoundedToo() {
        assertThatExceptionOfType(TooLongFrameException.class).isThrownBy(() -> decodeBounded("data\n".repeat(100)));
    }

    @Test
    void aLineThatWasGatheredLeavesNothingToTheNext() {
        String longLine = "data: " + "x".repeat(40_000);
        assertThat(decode(
                        (longLine + "\n\nda").getBytes(StandardCharsets.UTF_8),
                        "ta: b\n\n".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("message: " + "x".repeat(40_000), "message: b");
        byte[] bytes = (longLine + "\n\ndata: c\n\n").getBytes(StandardCharsets.UTF_8);
        for (int at : new int[] {1, 5, 6, 7, 20_000, 40_006, 40_007, 40_008, 40_012}) {
            assertThat(decode(Arrays.copyOfRange(bytes, 0, at), Arrays.copyOfRange(bytes, at, bytes.length)))
                    .as("cut at %d", at)
                    .containsExactly("message: " + "x".repeat(40_000), "message: c");
        }
    }

    @Test
    void dataIsItsHearersOwn() {
        List<Event> events = events("data: a\n\ndata: b\ndata: c\n\n".getBytes(StandardCharsets.UTF_8));
        events.getFirst().data()[0] = 'z';
        assertThat(strings(events)).containsExactly("message: z", "message: b/c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "Text/Event-Stream; charset=utf-8", "text/event-stream;charset=UTF-8"})
    void anEventStreamIsKnownByItsType(String type) {
        assertThat(SseParser.reads(head(type))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/json", "text/event-streams", "", "text"})
    void whatIsNoEventStreamIsNamed(String type) {
        HttpResponse head = head(type);
        assertThat(SseParser.reads(head)).isFalse();
        assertThat(SseParser.whyNot(head)).isEqualTo("HTTP 200 is no event stream, but " + type);
    }

    @Test
    void aCompressedStreamIsNoEventStream() {
        HttpResponse head = head("text/event-stream");
        head.headers().set("content-encoding", "gzip");
        assertThat(SseParser.reads(head)).isFalse();
        assertThat(SseParser.whyNot(head)).endsWith("but text/event-stream, compressed as gzip");
        head.headers().set("content-encoding", "identity");
        assertThat(SseParser.reads(head)).isTrue();
    }

    private static Object answer(List<Event> events) {
        RecordingListener listener = new RecordingListener();
        WireFormat format = new MessagesFormat("2023-06-01", RequestConfig.of(RequestConfig.Provider.ANTHROPIC));
        AnswerStream stream = format.answer(listener, 100_000, header -> null);
        events.forEach(event -> stream.event(event.name(), event.data()));
        assertThat(listener.text()).isEqualTo("naïve € 🚀 日本 🌍\n");
        return stream.outcome();
    }

    private static List<String> decode(byte[]... pieces) {
        return strings(events(pieces));
    }

    private static List<String> decodeBounded(String stream) {
        List<Event> events = new ArrayList<>();
        new SseParser((name, data) -> events.add(new Event(name, data)), 20, 25)
                .read(Unpooled.copiedBuffer(stream, StandardCharsets.UTF_8));
        return strings(events);
    }

    private static List<Event> events(byte[]... pieces) {
        List<Event> events = new ArrayList<>();
        SseParser parser = new SseParser((name, data) -> events.add(new Event(name, data)));
        for (byte[] piece : pieces) {
            parser.read(Unpooled.wrappedBuffer(piece));
        }
        return events;
    }

    /** Line feeds within data are shown as slashes. */
    private static List<String> strings(List<Event> events) {
        return events.stream()
                .map(e -> e.name() + ": " + new String(e.data(), StandardCharsets.UTF_8).replace('\n', '/'))
                .toList();
    }

    private static HttpResponse head(String type) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set("content-type", type);
        return head;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Event(String name, byte[] data) {}
}
