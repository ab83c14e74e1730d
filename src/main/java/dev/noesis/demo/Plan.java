package dev.noesis.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it will be sent: its frames, and how it ends. The faults of a script are worked in here, so that playing
 * it is the same for all.
 *
 * @param head whether the response's headers are sent at all
 */
record Plan(boolean head, List<Frame> frames, Ending ending) {

    /** What follows the last frame. */
    enum Ending {
        /** The body ends as HTTP wants it, and the connection is kept where it may be. */
        COMPLETE,
        /** The body ends as HTTP wants it, and the connection is closed. */
        END_AND_CLOSE,
        /** The connection is closed within the body. */
        CLOSE,
        /** The connection is reset within the body. */
        RESET,
        /** Nothing: the connection stays open until the client closes it. */
        SILENCE
    }

    private static final Plan NOTHING = new Plan(false, List.of(), Ending.SILENCE);
    private static final Plan RESET = new Plan(false, List.of(), Ending.RESET);

    /** The plan of a stream of events. */
    static Plan of(List<Frame> frames, @Nullable Fault fault, ModelApi api, String requestId) {
        return switch (fault) {
            case null -> new Plan(true, frames, Ending.COMPLETE);
            case Fault.HangBeforeHeaders _ -> NOTHING;
            case Fault.HangMidStream hang -> new Plan(true, first(frames, hang.after()), Ending.SILENCE);
            case Fault.Reset reset ->
                reset.after() == null ? RESET : new Plan(true, first(frames, reset.after()), Ending.RESET);
            case Fault.Cut cut ->
                new Plan(true, first(frames, cut.after()), cut.clean() ? Ending.END_AND_CLOSE : Ending.CLOSE);
            case Fault.StreamError error -> {
                List<Frame> until = new ArrayList<>(first(frames, error.after()));
                until.add(api.error(error.error(), requestId));
                yield new Plan(true, until, Ending.END_AND_CLOSE);
            }
            case Fault.MalformedEvent malformed -> {
                int at = count(frames, malformed.after());
                List<Frame> with = new ArrayList<>(frames);
                with.add(at, api.event(malformed.data()));
                yield new Plan(true, with, Ending.COMPLETE);
            }
            case Fault.SplitCharacters _ -> new Plan(true, splitCharacters(frames), Ending.COMPLETE);
            case Fault.Huge _ -> new Plan(true, frames, Ending.COMPLETE);
            case Fault.Status _ -> throw new IllegalArgumentException("a status has another body");
        };
    }

    /** The plan of a body that is sent at once, in two halves so that a fault has a middle. */
    static Plan ofWhole(byte[] body, @Nullable Fault fault) {
        List<Frame> halves = List.of(
                Frame.paced(Arrays.copyOf(body, body.length / 2)),
                Frame.atOnce(Arrays.copyOfRange(body, body.length / 2, body.length)));
        return switch (fault) {
            case Fault.HangMidStream _ -> new Plan(true, first(halves, 1), Ending.SILENCE);
            case Fault.Reset reset -> reset.after() == null ? RESET : new Plan(true, first(halves, 1), Ending.RESET);
            case Fault.Cut _ -> new Plan(true, first(halves, 1), Ending.CLOSE);
            case Fault.StreamError _ -> new Plan(true, first(halves, 1), Ending.CLOSE);
            case Fault.MalformedEvent _ -> new Plan(true, halves.reversed(), Ending.COMPLETE);
            case null -> new Plan(true, halves, Ending.COMPLETE);
            case Fault.HangBeforeHeaders _ -> NOTHING;
            case Fault.SplitCharacters _ -> new Plan(true, splitCharacters(halves), Ending.COMPLETE);
            case Fault.Huge _ -> new Plan(true, halves, Ending.COMPLETE);
            case Fault.Status _ -> throw new IllegalArgumentException("a status has another body");
        };
    }

    private static List<Frame> first(List<Frame> frames, @Nullable Integer after) {
        return frames.subList(0, count(frames, after));
    }

    private static int count(List<Frame> frames, @Nullable Integer after) {
        return after == null ? frames.size() / 2 : Math.min(after, frames.size());
    }

    private static List<Frame> splitCharacters(List<Frame> frames) {
        List<Frame> split = new ArrayList<>();
        for (Frame frame : frames) {
            byte[] bytes = frame.bytes();
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                boolean single = bytes[i] < 0;
                boolean last = i + 1 == bytes.length;
                if (single || last || bytes[i + 1] < 0) {
                    boolean paced = frame.paced() && start == 0;
                    split.add(new Frame(Arrays.copyOfRange(bytes, start, i + 1), paced, single));
                    start = i + 1;
                }
            }
        }
        return split;
    }
}
