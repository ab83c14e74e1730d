package dev.noesis.check;

import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A partition's streams of one lane. Where the task of an attempt died, or one after it, the attempt's stream may lack events
 * in one place for each death; where another task followed, two writers may have put events in another order, and what
 * follows from the log may have been told again. Everything else is a violation.
 */
final class StreamRules {
    private final Lane lane;
    private final Referee referee;
    private final Tenures tenures;
    private final RecordRules records;
    private final Tally tally;
    private final Kept kept;
    private final Map<RunKey, List<Stream>> streams = new HashMap<>();
    private final Map<RunKey, Integer> ends = new HashMap<>();
    private final Map<RunKey, Integer> duplicates = new HashMap<>();

    /** @param topic of the lane's events */
    StreamRules(Lane lane, String topic, History history, int partition, Referee referee, Tally tally) {
        this.lane = lane;
        this.referee = referee;
        this.tenures = referee.tenures(lane);
        this.records = new RecordRules(history, tally);
        this.tally = tally;
        this.kept = new Kept(history, topic, partition);
    }

    /** How often a sender was told that its run is known; null where some of that may be lost. */
    @Nullable
    Map<RunKey, Integer> duplicates() {
        boolean isCertain =
                kept.isWhole() && tenures.count() <= 1 && !tally.circumstances().outages();
        return isCertain ? duplicates : null;
    }

    /** Hears of the next event. */
    void read(Seen record) {
        kept.saw(record);
        JsonNode event = record.json();
        String runId = event.path("runId").asString("");
        records.check(record, null);
        RunKey key = new RunKey(record.agent(), runId);
        String type = event.path("type").asString("");
        if (type.equals("CUSTOM")) {
            if (event.path("name").asString("").equals("noesis.duplicate")) {
                duplicates.merge(key, 1, Integer::sum);
            }
            return;
        }
        if (type.equals("RUN_FINISHED") || type.equals("RUN_ERROR")) {
            ends.merge(key, 1, Integer::sum);
        }
        JsonNode place = event.path("metadata").path("noesis");
        LoggedRun run = referee.run(key);
        if (run == null) {
            if (kept.isWhole()) {
                tally.violation(Rule.STREAM_NUMBERS, record, runId, "the stream belongs to no run of the log");
            }
        } else if (!place.path("seq").isMissingNode()) {
            Attempt attempt = new Attempt(
                    place.path("attempt").path(0).asLong(-1),
                    place.path("attempt").path(1).asLong(-1));
            stream(key, run, attempt, record)
                    .saw(
                            place.path("seq").asLong(-1),
                            type.equals("TEXT_MESSAGE_CONTENT")
                                    ? event.path("delta").asString("")
                                    : null);
        }
    }

    private Stream stream(RunKey key, LoggedRun run, Attempt attempt, Seen record) {
        List<Stream> ofRun = streams.computeIfAbsent(key, _ -> new ArrayList<>(1));
        for (Stream stream : ofRun) {
            if (stream.attempt.equals(attempt)) {
                return stream;
            }
        }
        if (!tenures.isBarrier(attempt.barrier())) {
            tally.violation(
                    Rule.STREAM_NUMBERS, record, key.id(), "no task of the lane can have made the attempt " + attempt);
        }
        LoggedRun.Answer answer = answer(run, attempt);
        Stream stream = new Stream(attempt, answer == null ? null : answer.text, record.place());
        ofRun.add(stream);
        return stream;
    }

    /** What that attempt answered, if it won. */
    private static LoggedRun.@Nullable Answer answer(@Nullable LoggedRun latest, Attempt attempt) {
        for (LoggedRun run = latest; run != null; run = run.before) {
            for (LoggedRun.Answer answer : run.answers) {
                if (answer.attempt.equals(attempt)) {
                    return answer;
                }
            }
        }
        return null;
    }

    // ---- when all are read

    void finish() {
        streams.forEach((key, ofRun) -> {
            LoggedRun run = referee.run(key);
            if (run != null && isProvable(run)) {
                ofRun.forEach(stream -> stream(run, stream));
            }
        });
        for (LoggedRun run : referee.runs()) {
            if (run.lane != lane) {
                continue;
            }
            List<Stream> ofRun = streams.getOrDefault(new RunKey(run.agent, run.runId), List.of());
            calls(run, ofRun.size());
            if (!run.isOpen() && isProvable(run) && tally.isSettled(run.endedTime)) {
                run.answers.stream()
                        .filter(answer -> ofRun.stream().noneMatch(stream -> stream.attempt.equals(answer.attempt)))
                        .forEach(answer -> unheard(run, answer));
                end(run);
            }
        }
    }

    private boolean isProvable(LoggedRun run) {
        return kept.covers(run.openedTime);
    }

    private void calls(LoggedRun run, int streamed) {
        int reported = run.attempts + run.lateAttempts;
        if (run.before == null && reported + streamed > 0) {
            tally.calls(Math.max(reported, streamed));
            tally.abandoned += Math.max(0, streamed - reported);
        }
    }

    private void stream(LoggedRun run, Stream stream) {
        LoggedRun.Answer answer = answer(run, stream.attempt);
        boolean isWhole = !run.isOpen() && tally.isSettled(run.endedTime);
        if (isWhole && answer != null) {
            stream.shouldReach(answer.streamed);
        } else if (isWhole && run.failure != null && run.failure.attempt().equals(stream.attempt)) {
            stream.shouldReach(run.failure.nextSeq() + 1);
        }
        boolean moved = tenures.movedSince(stream.attempt.barrier());
        if (stream.gaps() > allowedGaps(stream.attempt.barrier())) {
            violation(run, stream, "the attempt " + stream.attempt + " lacks the numbers " + stream.shownGaps());
        } else if (stream.repeats() > 0 && !moved) {
            violation(run, stream, "the attempt " + stream.attempt + " has numbers twice");
        } else if (!stream.isInOrder() && !moved) {
            violation(run, stream, "the attempt " + stream.attempt + " has its numbers in another order");
        } else if (answer != null && isWhole && stream.length() > answer.streamed && !run.mayBeTooLarge()) {
            violation(
                    run,
                    stream,
                    "the attempt " + stream.attempt + " has " + stream.length() + " numbers, and by the log it ends at "
                            + (answer.streamed - 1));
        }
        tally.gaps += stream.gaps() > 0 ? 1 : 0;
        boolean mayLack = stream.gaps() <= allowedGaps(stream.attempt.barrier());
        if (answer != null && isWhole && !(mayLack ? stream.isAnswerButForGaps() : stream.isAnswer())) {
            tally.violation(
                    Rule.STREAM_TEXT,
                    stream.place,
                    run.agent,
                    run.runId,
                    "step " + answer.step + " streamed '" + ReplyRules.shortened(stream.shownText())
                            + "', and its answer is '" + ReplyRules.shortened(answer.text) + "'");
        }
    }

    private long allowedGaps(long barrier) {
        return tally.circumstances().outages() ? Long.MAX_VALUE : tenures.deathsSince(barrier);
    }

    private void violation(LoggedRun run, Stream stream, String what) {
        tally.violation(Rule.STREAM_NUMBERS, stream.place, run.agent, run.runId, what);
    }

    /** Nothing of a winner's stream is there. */
    private void unheard(LoggedRun run, LoggedRun.Answer answer) {
        if (answer.streamed > 0 && allowedGaps(answer.attempt.barrier()) == 0) {
            tally.violation(Rule.STREAM_NUMBERS, run, "nothing was streamed of the winning attempt " + answer.attempt);
        }
    }

    /** A run that ended tells so in its stream: once, or again where another task came upon it. */
    private void end(LoggedRun run) {
        RunKey key = new RunKey(run.agent, run.runId);
        if (run != referee.run(key) || run.isDeleted || run.mayBeTooLarge()) {
            return;
        }
        int told = ends.getOrDefault(key, 0);
        long runs = referee.runsOf(key).stream()
                .filter(each -> !each.isOpen() && !each.isDeleted)
                .count();
        long barrier = tenures.barrierAt(run.endedAt);
        if (told < runs && allowedGaps(barrier) == 0) {
            tally.violation(Rule.STREAM_NUMBERS, run, "the run ended, and its stream does not say so");
        } else if (told > runs && !tenures.movedSince(barrier)) {
            tally.violation(Rule.STREAM_NUMBERS, run, "the run ended, and its stream says so " + told + " times");
        }
    }
}
