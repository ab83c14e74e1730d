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
        byte[] key = input.key();
        byte[] value = input.value();
        if (input.size() > MAX_BYTES && value != null && value.length > CUT_BYTES) {
            headers.add("noesis_cut_from", Integer.toString(value.length).getBytes(UTF_8));
            value = Arrays.copyOf(value, CUT_BYTES);
        }
        long rest = input.size() - (input.value() == null ? 0 : input.value().length);
        if (rest + (value == null ? 0 : value.length) > MAX_BYTES) {
            // what we add must still fit beside a key or headers that are as large as a record
            headers.add(
                    "noesis_headers_cut",
                    Integer.toString(input.headers().size()).getBytes(UTF_8));
            key = key == null || key.length <= CUT_BYTES ? key : Arrays.copyOf(key, CUT_BYTES);
        } else {
            input.headers().forEach(header -> headers.add(header.name(), header.value()));
        }
        headers.add("noesis_error", reason.getBytes(UTF_8));
        headers.add("noesis_topic", input.topic().getBytes(UTF_8));
        headers.add("noesis_partition", Integer.toString(input.partition()).getBytes(UTF_8));
        headers.add("noesis_offset", Long.toString(input.offset()).getBytes(UTF_8));
        headers.add("noesis_time", Instant.ofEpochMilli(desk.now()).toString().getBytes(UTF_8));
        desk.sendAsItCame(sink, key, value, headers);
    }
}
