package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.Lane;
import dev.noesis.model.Usage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A partition's {@code chat.replies} against its requests and its log. */
final class ReplyRules {
    /** Refusals: the run was not accepted, and its name not used up. */
    private static final Set<String> REFUSALS = Set.of("invalid_request", "overloaded", "rejected_busy");

    private final Referee referee;
    private final Inputs inputs;
    private final Set<String> outOfService;
    private final RecordRules records;
    private final Tally tally;
    private final Kept requests;
    private final Kept replies;
    /** How often each run's sender was told something: replies of both kinds. */
    private final Map<RunKey, Integer> told = new HashMap<>();

    private final Set<RunKey> refused = new HashSet<>();

    /** @param outOfService agents whose memory could not be folded: the lane answers {@code internal} for them */
    ReplyRules(History history, int partition, Referee referee, Inputs inputs, Set<String> outOfService, Tally tally) {
        this.referee = referee;
        this.inputs = inputs;
        this.outOfService = outOfService;
        this.records = new RecordRules(history, tally);
        this.tally = tally;
        this.requests = new Kept(history, history.topics().chatRequests(), partition);
        this.replies = new Kept(history, history.topics().chatReplies(), partition);
    }

    /** Hears of the next reply. */
    void read(Seen record) {
        replies.saw(record);
        JsonNode reply = record.json();
        String runId = reply.path("runId").asString("");
        records.check(record, runId);
        RunKey key = new RunKey(record.agent(), runId);
        told.merge(key, 1, Integer::sum);
        if (!inputs.runs().containsKey(key) && requests.isWhole()) {
            tally.violation(Rule.REQUESTS, record, runId, "nobody asked for the run of this reply");
        }
        if (!reply.path("metadata").path("noesis").path("runId").asString("").equals(runId)) {
            tally.violation(Rule.RECORDS, record, runId, "metadata.noesis.runId is another than runId");
        }
        String code = reply.path("code").asString("");
        if (REFUSALS.contains(code) || (code.equals("internal") && outOfService.contains(key.agent()))) {
            tally.refused(code);
            refused.add(key);
            if (!reply.path("type").asString("").equals("RUN_ERROR")) {
                tally.violation(Rule.ONE_REPLY, record, runId, "a refusal is a RUN_ERROR, and this is another type");
            }
        } else {
            ended(record, key, reply);
        }
    }

    private void ended(Seen record, RunKey key, JsonNode reply) {
        List<LoggedRun> runs = referee.runsOf(key);
        List<LoggedRun> unanswered =
                runs.stream().filter(run -> run.repliedAt < 0).toList();
        LoggedRun run = unanswered.stream()
                .filter(each -> each.ending != null && tells(reply, each.ending))
                .findFirst()
                .orElse(null);
        if (run == null && !unanswered.isEmpty() && isCut(unanswered.getFirst(), reply)) {
            unanswered.getFirst().repliedAt = record.offset();
            return;
        }
        if (run != null) {
            run.repliedAt = record.offset();
            compare(record, reply, run);
        } else if (runs.isEmpty()) {
            tally.violation(Rule.ONE_REPLY, record, key.id(), "it tells the end of a run that the log does not know");
        } else if (unanswered.isEmpty()) {
            tally.violation(
                    Rule.ONE_REPLY, record, key.id(), "the run has a reply at offset " + runs.getLast().repliedAt);
        } else {
            unanswered.getFirst().repliedAt = record.offset();
            boolean isOfStranger = referee.staleEndings(key).stream().anyMatch(stale -> tells(reply, stale));
            tally.violation(
                    isOfStranger ? Rule.OWNER : Rule.ONE_REPLY,
                    record,
                    key.id(),
                    (isOfStranger ? "it tells what a task decided that did not own the partition: " : "it tells ")
                            + told(reply) + ", and by the log the run is " + unanswered.getFirst().ending);
        }
    }

    /** An answer that fits the log and no reply. */
    private static boolean isCut(LoggedRun run, JsonNode reply) {
        return run.mayBeCut()
                && run.ending instanceof Ending.Success
                && reply.path("code").asString("").equals("answer_too_large");
    }

    private static boolean tells(JsonNode reply, Ending ending) {
        String type = reply.path("type").asString("");
        String outcome = reply.path("outcome").path("type").asString("");
        return switch (ending) {
            case Ending.Success _ -> type.equals("RUN_FINISHED") && outcome.equals("success");
            case Ending.Cancelled(String reason) ->
                type.equals("RUN_FINISHED")
                        && outcome.equals("cancelled")
                        && reply.path("outcome").path("reason").asString("").equals(reason);
            case Ending.Failed(var code) ->
                type.equals("RUN_ERROR") && reply.path("code").asString("").equals(code.id());
        };
    }

    private static String told(JsonNode reply) {
        return reply.path("type").asString("") + " " + reply.path("outcome") + reply.path("code");
    }

    // ---- the reply of a run

    private void compare(Seen record, JsonNode reply, LoggedRun run) {
        expect(record, run, "threadId", run.threadId, reply.path("threadId").asString(""));
        usage(record, run, reply.path("usage"));
        JsonNode result = reply.path("result");
        switch (run.ending) {
            case Ending.Success(String stopReason) -> {
                expect(
                        record,
                        run,
                        "stopReason",
                        stopReason,
                        result.path("stopReason").asString(""));
                expect(
                        record,
                        run,
                        "attempts",
                        run.attempts,
                        result.path("attempts").asInt(-1));
                expect(record, run, "steps", steps(run), result.path("steps").asLong(-1));
                messages(record, run, Words.said(run), Words.shown(result.path("messages")));
                answeredBy(record, run, result);
            }
            case Ending.Cancelled(String reason) -> {
                expect(
                        record,
                        run,
                        "attempts",
                        run.attempts,
                        result.path("attempts").asInt(-1));
                expect(
                        record,
                        run,
                        "steps",
                        run.isDeleted ? 0 : steps(run),
                        result.path("steps").asLong(-1));
                JsonNode messages = result.path("messages");
                expect(record, run, "messages", "[]", messages.toString());
                cancelled(record, run, reason);
            }
            case Ending.Failed _ -> {
                if (run.failure != null) {
                    expect(
                            record,
                            run,
                            "message",
                            run.failure.message(),
                            reply.path("message").asString(""));
                }
            }
            case null -> throw new IllegalStateException("a run that was answered has ended");
        }
    }

    private static long steps(LoggedRun run) {
        return run.answers.stream().filter(answer -> !answer.isEmpty).count();
    }

    private void usage(Seen record, LoggedRun run, JsonNode told) {
        Usage usage = run.usage;
        expect(
                record,
                run,
                "usage.inputTokens",
                usage.inputTokens(),
                told.path("inputTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.outputTokens",
                usage.outputTokens(),
                told.path("outputTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.totalTokens",
                usage.total(),
                told.path("totalTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.cacheReadTokens",
                usage.cacheReadTokens(),
                told.path("cacheReadTokens").asLong(-1));
        expect(
                record,
                run,
                "usage.cacheWriteTokens",
                usage.cacheWriteTokens(),
                told.path("cacheWriteTokens").asLong(-1));
    }

    private void messages(Seen record, LoggedRun run, List<String> said, List<String> shown) {
        boolean isTail = shown.size() <= said.size()
                && said.subList(said.size() - shown.size(), said.size()).equals(shown);
        if (!said.equals(shown) && !(run.mayBeCut() && isTail)) {
            expect(record, run, "messages", said, shown);
        }
    }

    /** What the reply of an older build does not tell is not held against it. */
    private void answeredBy(Seen record, LoggedRun run, JsonNode result) {
        if (!run.answers.isEmpty()) {
            run.answers.getLast().by.forEach((what, logged) -> {
                if (result.has(what)) {
                    expect(record, run, what, logged, result.path(what).asString(""));
                }
            });
        }
    }

    private void cancelled(Seen record, LoggedRun run, String reason) {
        boolean isOfNoesisItself = reason.startsWith("interrupted by run ")
                || reason.equals(Referee.DELETED)
                || reason.startsWith("the request is larger than ");
        if (!isOfNoesisItself && requests.isWhole() && !inputs.isCancelled(new RunKey(run.agent, run.runId))) {
            tally.violation(Rule.REQUESTS, record, run.runId, "the run is cancelled, and nobody asked for that");
        }
    }

    private void expect(Seen record, LoggedRun run, String what, Object logged, Object replied) {
        if (!logged.equals(replied)) {
            tally.violation(
                    Rule.FIRST_WINS,
                    record,
                    run.runId,
                    what + " is " + shortened(replied) + " in the reply, and " + shortened(logged) + " by the log");
        }
    }

    static String shortened(Object text) {
        String all = text.toString();
        return all.length() <= 200 ? all : all.substring(0, 200) + "… (" + all.length() + " characters)";
    }

    // ---- when all are read

    /** @param duplicates how often a sender was told that its run is known already; null where that cannot be known */
    void finish(@Nullable Map<RunKey, Integer> duplicates) {
        inputs.runs().forEach((key, times) -> answered(key, times, duplicates));
        Map<RunKey, LoggedRun> lastOfThread = new HashMap<>();
        for (LoggedRun run : referee.runs()) {
            if (run.lane != Lane.CHAT) {
                continue;
            }
            tally.ended(Lane.CHAT, how(run.ending));
            ended(run);
            if (run.hasBegun()) {
                LoggedRun last = lastOfThread.put(new RunKey(run.agent, run.threadId), run);
                if (last != null) {
                    order(last, run);
                }
            }
        }
    }

    private void answered(RunKey key, Inputs.Times asked, @Nullable Map<RunKey, Integer> duplicates) {
        int answers = told.getOrDefault(key, 0);
        if (answers == 0) {
            if (referee.run(key) == null && replies.covers(asked.firstAt)) {
                tally.missing(
                        Rule.REQUESTS, asked.place, key.agent(), key.id(), "the run was asked for, and has no reply");
            }
        } else if (answers > asked.count && requests.isWhole()) {
            tally.violation(
                    Rule.ONE_REPLY,
                    asked.place,
                    key.agent(),
                    key.id(),
                    "the run was asked for " + asked.count + " times, and answered " + answers);
        } else if (duplicates != null
                && requests.isWhole()
                && answers + duplicates.getOrDefault(key, 0) != asked.count) {
            tally.missing(
                    Rule.REQUESTS,
                    asked.place,
                    key.agent(),
                    key.id(),
                    "the run was asked for " + asked.count + " times, answered " + answers + " and called a duplicate "
                            + duplicates.getOrDefault(key, 0) + " times");
        }
    }

    private void ended(LoggedRun run) {
        boolean isOut = outOfService.contains(run.agent) && refused.contains(new RunKey(run.agent, run.runId));
        if (run.repliedAt >= 0 || isOut || (run.ending != null && !replies.covers(run.endedTime))) {
            return;
        }
        tally.missing(
                Rule.ONE_REPLY,
                run.place(),
                run.agent,
                run.runId,
                run.ending == null ? "the run has not ended" : "the run ended as " + run.ending + ", and has no reply");
    }

    private void order(LoggedRun last, LoggedRun run) {
        if (run.requestOffset < last.requestOffset) {
            tally.violation(Rule.ORDER, run, "the run was asked for before " + last + " and began after it");
        }
        boolean isLeft = last.repliedAt < 0 && replies.isWhole() && !outOfService.contains(run.agent);
        if (run.repliedAt >= 0 && (isLeft || last.repliedAt > run.repliedAt)) {
            tally.violation(Rule.ORDER, run, "the run began after " + last + " and was answered before it");
        }
    }

    static String how(@Nullable Ending ending) {
        return switch (ending) {
            case null -> "open";
            case Ending.Success _ -> "success";
            case Ending.Cancelled _ -> "cancelled";
            case Ending.Failed(var code) -> code.id();
        };
    }
}
