package dev.noesis.check;

import static java.util.stream.Collectors.joining;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.ToolCompleted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** {@code chat.replies} against requests and log. */
final class ReplyRules {
    /** Refusals: the run was not accepted, and its name not used up. */
    private static final Set<String> REFUSALS = Set.of("invalid_request", "overloaded", "rejected_busy");

    private final History history;
    private final Referee log;
    private final ChatRequests requests;
    private final Set<String> outOfService;
    private final BiConsumer<Rule, String> violation;
    private final BiConsumer<Rule, String> late;
    /** Replies of runs that were accepted, by agent and run. */
    private final Map<String, List<Seen>> replies = new LinkedHashMap<>();

    private final Map<String, Integer> refusals = new HashMap<>();
    /** How often a sender was told that its run is known already. */
    private final Map<String, Integer> duplicates = new HashMap<>();

    /** @param outOfService agents whose memory could not be folded: the lane answers {@code internal} for them */
    ReplyRules(
            History history,
            Referee log,
            ChatRequests requests,
            Set<String> outOfService,
            BiConsumer<Rule, String> violation,
            BiConsumer<Rule, String> late) {
        this.late = late;
        this.history = history;
        this.log = log;
        this.requests = requests;
        this.outOfService = outOfService;
        this.violation = violation;
    }

    void check() {
        for (Seen reply : history.of(history.topics().chatReplies())) {
            String id = Referee.id(reply.agent(), reply.text("runId"));
            if (!requests.asked.containsKey(id)) {
                violation.accept(Rule.REQUESTS, "nobody asked for the run of the reply " + name(reply));
            }
            if (isRefusal(reply)) {
                refusals.merge(id, 1, Integer::sum);
            } else {
                replies.computeIfAbsent(id, _ -> new ArrayList<>()).add(reply);
            }
        }
        for (Seen event : history.of(history.topics().chatEvents())) {
            if (event.text("name").equals("noesis.duplicate")) {
                duplicates.merge(Referee.id(event.agent(), event.text("runId")), 1, Integer::sum);
            }
        }
        requests.asked.forEach(this::answered);
        replies.forEach(this::accepted);
        log.runs().stream().filter(run -> run.lane == Lane.CHAT).forEach(this::ended);
        order();
    }

    private boolean isRefusal(Seen reply) {
        String code = reply.text("code");
        return REFUSALS.contains(code) || (code.equals("internal") && outOfService.contains(reply.agent()));
    }

    private void answered(String id, int times) {
        int refused = refusals.getOrDefault(id, 0);
        int told = refused + replies.getOrDefault(id, List.of()).size();
        if (told == 0) {
            late.accept(Rule.REQUESTS, name(id) + " was asked for and has no reply");
        } else if (told > times) {
            violation.accept(Rule.ONE_REPLY, name(id) + " was asked for " + times + " times and answered " + told);
        } else if (told + duplicates.getOrDefault(id, 0) != times && log.deaths(Lane.CHAT) == 0) {
            violation.accept(
                    Rule.REQUESTS,
                    name(id) + " was asked for " + times + " times, answered " + told + " and called a duplicate "
                            + duplicates.getOrDefault(id, 0) + " times");
        }
    }

    private void accepted(String id, List<Seen> of) {
        List<LoggedRun> runs = log.runs(of.getFirst().agent(), of.getFirst().text("runId"));
        if (of.size() > Math.max(1, runs.size())) {
            violation.accept(
                    Rule.ONE_REPLY,
                    name(id) + " has " + of.size() + " replies: "
                            + of.stream().map(ReplyRules::name).collect(joining(", ")));
        }
        if (runs.isEmpty()) {
            violation.accept(
                    Rule.ONE_REPLY, name(of.getFirst()) + " tells the end of a run that the log does not know");
        }
    }

    private void ended(LoggedRun run) {
        List<Seen> of = replies.getOrDefault(Referee.id(run.agent, run.runId), List.of());
        Ending ending = run.ending;
        if (ending == null) {
            late.accept(Rule.ONE_REPLY, run + " has not ended");
            return;
        }
        List<Seen> same = of.stream().filter(reply -> tells(reply, ending)).toList();
        if (same.isEmpty()) {
            violation.accept(
                    Rule.ONE_REPLY,
                    run + " ended with " + ending + ", and "
                            + (of.isEmpty()
                                    ? "has no reply"
                                    : "its reply says " + of.getFirst().json()));
            return;
        }
        JsonNode reply = same.getFirst().json();
        expect(run, "threadId", run.threadId, reply.path("threadId").asString(""));
        if (run.openedAt >= 0 && !log.wasDeleted(run.agent)) {
            charged(run, reply);
        }
        if (ending instanceof Ending.Success(String stopReason)) {
            expect(
                    run,
                    "stopReason",
                    stopReason,
                    reply.path("result").path("stopReason").asString(""));
            expect(run, "messages", said(run), shown(reply.path("result").path("messages")));
        }
    }

    private static boolean tells(Seen reply, Ending ending) {
        JsonNode json = reply.json();
        String outcome = json.path("outcome").path("type").asString("");
        return switch (ending) {
            case Ending.Success _ -> json.path("type").asString("").equals("RUN_FINISHED") && outcome.equals("success");
            case Ending.Cancelled(String reason) ->
                outcome.equals("cancelled")
                        && json.path("outcome").path("reason").asString("").equals(reason);
            case Ending.Failed(var code) ->
                json.path("type").asString("").equals("RUN_ERROR")
                        && json.path("code").asString("").equals(code.id());
        };
    }

    private void charged(LoggedRun run, JsonNode reply) {
        expect(
                run,
                "usage",
                run.usage.total(),
                reply.path("usage").path("totalTokens").asLong(-1));
        expect(
                run,
                "output",
                run.usage.outputTokens(),
                reply.path("usage").path("outputTokens").asLong(-1));
        if (reply.path("result").isObject()) {
            expect(
                    run,
                    "attempts",
                    run.attempts,
                    reply.path("result").path("attempts").asInt(-1));
        }
    }

    private void expect(LoggedRun run, String what, Object logged, Object replied) {
        if (!logged.equals(replied)) {
            violation.accept(
                    Rule.FIRST_WINS,
                    run + ": " + what + " is " + logged + " in the log and " + replied + " in the reply");
        }
    }

    /** What the counted answers and results say, one line each, results in the order in which they were asked for. */
    private static List<String> said(LoggedRun run) {
        List<String> lines = new ArrayList<>();
        for (StepCompleted answer : run.answers) {
            if (!answer.content().isEmpty()) {
                lines.add("assistant: " + Referee.text(answer)
                        + answer.content().stream()
                                .flatMap(block -> block instanceof Content.ToolUse use ? Stream.of(use) : Stream.of())
                                .map(use -> " " + use.name() + use.input())
                                .collect(joining()));
            }
            Map<String, String> results = new HashMap<>();
            run.toolResults.stream()
                    .filter(result -> result.step() == answer.step())
                    .forEach(result -> results.put(result.callId(), text(result)));
            answer.content().stream()
                    .flatMap(block -> block instanceof Content.ToolUse use ? Stream.of(use) : Stream.of())
                    .forEach(use -> lines.add(results.get(use.id())));
        }
        return lines;
    }

    private static String text(ToolCompleted result) {
        return "tool " + result.callId() + ": " + result.text();
    }

    private static List<String> shown(JsonNode messages) {
        List<String> lines = new ArrayList<>();
        for (JsonNode message : messages) {
            if (message.path("role").asString("").equals("tool")) {
                lines.add("tool " + message.path("toolCallId").asString("") + ": "
                        + message.path("content").asString(""));
            } else {
                StringBuilder line = new StringBuilder(message.path("role").asString(""))
                        .append(": ")
                        .append(message.path("content").asString(""));
                for (JsonNode call : message.path("toolCalls")) {
                    line.append(' ')
                            .append(call.path("function").path("name").asString(""))
                            .append(call.path("function").path("arguments").asString(""));
                }
                lines.add(line.toString());
            }
        }
        return lines;
    }

    /** Per thread: begun as asked, and answered as begun. */
    private void order() {
        Map<String, List<LoggedRun>> begun = new TreeMap<>();
        log.runs().stream()
                .filter(run -> run.lane == Lane.CHAT && run.openedAt >= 0)
                .sorted(Comparator.comparingLong(run -> run.openedAt))
                .forEach(run -> begun.computeIfAbsent(Referee.id(run.agent, run.threadId), _ -> new ArrayList<>())
                        .add(run));
        for (List<LoggedRun> ofThread : begun.values()) {
            LoggedRun last = null;
            for (LoggedRun run : ofThread) {
                if (last != null && run.requestOffset < last.requestOffset) {
                    violation.accept(Rule.ORDER, run + " was asked for before " + last + " and began after it");
                }
                if (last != null && repliedAt(run) < repliedAt(last)) {
                    violation.accept(Rule.ORDER, run + " began after " + last + " and was answered before it");
                }
                last = run;
            }
        }
    }

    private long repliedAt(LoggedRun run) {
        return replies.getOrDefault(Referee.id(run.agent, run.runId), List.of()).stream()
                .mapToLong(Seen::offset)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    private static String name(Seen reply) {
        return reply.text("runId") + " of " + reply.agent() + " at " + reply.place();
    }

    private static String name(String id) {
        return "run " + id.substring(id.indexOf('\0') + 1) + " of " + id.substring(0, id.indexOf('\0'));
    }
}
