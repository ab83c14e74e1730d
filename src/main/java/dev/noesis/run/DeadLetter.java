package dev.noesis.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** An input that nobody can be answered for: it goes on as it came, with headers that say why, where and when. */
public final class DeadLetter {
    private static final int MAX_BYTES = 8 * 1024 * 1024 - 64 * 1024;
    private static final int CUT_BYTES = 64 * 1024;

    private DeadLetter() {}

    public static void send(Desk desk, String sink, Input input, String reason) {
        RecordHeaders headers = new RecordHeaders();
        input.headers().forEach(header -> headers.add(header.name(), header.value()));
        byte[] value = input.value();
        if (value != null && value.length > MAX_BYTES) {
            headers.add("noesis_cut_from", Integer.toString(value.length).getBytes(UTF_8));
            value = Arrays.copyOf(value, CUT_BYTES);
        }
        headers.add("noesis_error", reason.getBytes(UTF_8));
        headers.add("noesis_topic", input.topic().getBytes(UTF_8));
        headers.add("noesis_partition", Integer.toString(input.partition()).getBytes(UTF_8));
        headers.add("noesis_offset", Long.toString(input.offset()).getBytes(UTF_8));
        headers.add("noesis_time", Instant.ofEpochMilli(desk.now()).toString().getBytes(UTF_8));
        desk.sendAsItCame(sink, input.key(), value, headers);
    }
}
