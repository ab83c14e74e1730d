package dev.noesis.check;

import dev.noesis.topics.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The records of {@code chat.dlq} and {@code heartbeat.dlq} against the inputs that cannot be answered. */
final class DeadLetters {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    private final History history;
    private final Tally tally;
    /** By the place of the input that each of them is. */
    private final Map<String, Letter> letters = new LinkedHashMap<>();
    /** Checksums of the inputs that cannot be answered, by place. */
    private final Map<String, Long> awaited = new LinkedHashMap<>();

    private boolean isComplete = true;

    /**
     * @param isWhole the input as it came: nothing was cut off
     * @param isGone the input is not there any more
     */
    private record Letter(String place, String agent, String topic, long checksum, boolean isWhole, boolean isGone) {}

    DeadLetters(History history, Tally tally) {
        this.history = history;
        this.tally = tally;
        for (int partition = 0; partition < history.partitions(); partition++) {
            read(history.topics().chatDlq(), partition);
            read(history.topics().heartbeatDlq(), partition);
        }
    }

    private void read(String topic, int partition) {
        isComplete &= history.beginning(topic, partition) == 0;
        long[] count = {0};
        history.forEach(topic, partition, record -> {
            count[0]++;
            Map<String, String> headers = record.headers();
            String of = String.valueOf(headers.get("noesis_topic"));
            int in = (int) number(headers.get("noesis_partition"));
            long at = number(headers.get("noesis_offset"));
            Letter letter = new Letter(
                    record.place(),
                    record.agent(),
                    of,
                    record.checksum(),
                    !headers.containsKey("noesis_cut_from") && !headers.containsKey("noesis_headers_cut"),
                    in >= 0 && in < history.partitions() && at < history.beginning(of, in));
            String input = Seen.place(of, in, at);
            if (letters.putIfAbsent(input, letter) != null) {
                tally.violation(Rule.DEAD_LETTERS, record, null, "the input " + input + " is a dead letter twice");
            }
        });
        tally.read(topic, count[0]);
        tally.deadLetters += count[0];
    }

    private static long number(@Nullable String text) {
        return text != null && NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
    }

    /** Whether that input is one. */
    boolean has(Seen input) {
        return letters.containsKey(input.place());
    }

    /** The input cannot be answered. */
    void await(Seen input) {
        awaited.put(input.place(), input.checksum());
    }

    /**
     * To be called when all inputs are known.
     *
     * <p>Signals may be dead letters for another reason, too: more of them waited than may. Of schedules only the last need be
     * there still.
     */
    void check() {
        Topics topics = history.topics();
        letters.forEach((input, letter) -> {
            Long checksum = awaited.get(input);
            if (checksum == null
                    && !letter.isGone()
                    && !letter.topic().equals(topics.agentSignals())
                    && !letter.topic().equals(topics.heartbeatSchedules())) {
                boolean isInput =
                        List.of(topics.chatRequests(), topics.heartbeatTicks()).contains(letter.topic());
                violation(
                        letter, isInput ? "the input " + input + " could be answered" : "it is of no input: " + input);
            } else if (checksum != null && letter.isWhole() && checksum != letter.checksum()) {
                violation(letter, "it is not what the input " + input + " was");
            }
        });
        awaited.forEach((input, _) -> {
            if (!letters.containsKey(input) && isComplete) {
                tally.missing(Rule.DEAD_LETTERS, input, null, null, "it cannot be answered and is no dead letter");
            }
        });
    }

    private void violation(Letter letter, String what) {
        tally.violation(Rule.DEAD_LETTERS, letter.place(), letter.agent(), null, what);
    }
}
