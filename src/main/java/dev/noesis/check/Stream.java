package dev.noesis.check;

import dev.noesis.model.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was streamed of one attempt. While it comes as it should, it keeps how far it is and nothing else; what comes otherwise
 * is kept until the end, where it is told what the attempt had answered.
 */
final class Stream {
    final Attempt attempt;
    private final @Nullable String answer;
    private final List<long[]> missing = new ArrayList<>(0);
    private long next;
    /** How much of the answer has come in order. */
    private int said;
    /** Deltas from the first that did not come as it should, by number; null while all did. */
    private @Nullable TreeMap<Long, String> otherwise;

    private int repeats;
    private boolean isInOrder = true;
    /** Where the first of its records stands. */
    final String place;

    /** @param answer what the attempt answered; null where it won no step: then nobody asks what it said */
    Stream(Attempt attempt, @Nullable String answer, String place) {
        this.attempt = attempt;
        this.answer = answer;
        this.place = place;
    }

    /** @param delta of the answer's text; null on any other event */
    void saw(long seq, @Nullable String delta) {
        boolean isNew = number(seq);
        if (delta == null || answer == null || !isNew) {
            return;
        }
        if (otherwise == null && missing.isEmpty() && isInOrder && answer.startsWith(delta, said)) {
            said += delta.length();
        } else {
            if (otherwise == null) {
                otherwise = new TreeMap<>();
            }
            otherwise.put(seq, delta);
        }
    }

    /** False where the number was there before. */
    private boolean number(long seq) {
        if (seq >= next) {
            if (seq > next) {
                missing.add(new long[] {next, seq});
            }
            next = seq + 1;
            return true;
        }
        isInOrder = false;
        for (int i = 0; i < missing.size(); i++) {
            long from = missing.get(i)[0];
            long to = missing.get(i)[1];
            if (from <= seq && seq < to) {
                missing.remove(i);
                if (seq + 1 < to) {
                    missing.add(i, new long[] {seq + 1, to});
                }
                if (from < seq) {
                    missing.add(i, new long[] {from, seq});
                }
                return true;
            }
        }
        repeats++;
        return false;
    }

    /** It ought to have that many events. Those that are not there are missing at its end. */
    void shouldReach(long count) {
        if (next < count) {
            missing.add(new long[] {next, count});
            next = count;
        }
    }

    /** How many events it has room for: the number after its last. */
    long length() {
        return next;
    }

    int gaps() {
        return missing.size();
    }

    int repeats() {
        return repeats;
    }

    boolean isInOrder() {
        return isInOrder;
    }

    /** The numbers that are missing, for people. */
    String shownGaps() {
        StringBuilder shown = new StringBuilder();
        for (long[] gap : missing) {
            shown.append(shown.isEmpty() ? "" : ", ")
                    .append(gap[0])
                    .append(gap[1] - gap[0] > 1 ? " to " + (gap[1] - 1) : "");
        }
        return shown.toString();
    }

    /** Whether all of the answer was streamed, and nothing else. */
    boolean isAnswer() {
        return answer == null || shownText().equals(answer);
    }

    /** The same, but for what is in its gaps. */
    boolean isAnswerButForGaps() {
        return answer == null || (missing.isEmpty() ? isAnswer() : stand(pieces(answer), answer));
    }

    /** What stands before the first gap, between two, and behind the last. */
    private List<StringBuilder> pieces(String whole) {
        List<StringBuilder> pieces = new ArrayList<>(List.of(new StringBuilder(whole.substring(0, said))));
        Map<Long, String> rest = otherwise == null ? Map.of() : otherwise;
        long before = 0;
        for (Map.Entry<Long, String> delta : rest.entrySet()) {
            long gaps = gapsBefore(delta.getKey());
            if (gaps != before) {
                pieces.add(new StringBuilder());
            }
            before = gaps;
            pieces.getLast().append(delta.getValue());
        }
        return pieces;
    }

    private long gapsBefore(long seq) {
        return missing.stream().filter(gap -> gap[0] <= seq).count();
    }

    /** Whether the pieces stand in the answer in their order, the first at its beginning unless that is missing. */
    private static boolean stand(List<StringBuilder> pieces, String answer) {
        int at = 0;
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i).toString();
            boolean isLast = i == pieces.size() - 1;
            int found = i == 0
                    ? (answer.startsWith(piece) ? 0 : -1)
                    : isLast && answer.length() - piece.length() >= at && answer.endsWith(piece)
                            ? answer.length() - piece.length()
                            : answer.indexOf(piece, at);
            if (found < at) {
                return false;
            }
            at = found + piece.length();
        }
        return true;
    }

    /** What was streamed, all that is there of it. */
    String shownText() {
        return (answer == null ? "" : answer.substring(0, said))
                + (otherwise == null ? "" : String.join("", otherwise.values()));
    }
}
