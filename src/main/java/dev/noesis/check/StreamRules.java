package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent.StepCompleted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/**
 * The streams of one lane. Where a task of the partition died, an attempt may be a prefix or have one gap, and events may
 * come twice; where one handed over to another, two writers may have put them in another order.
 */
final class StreamRules {
    private final Lane lane;
    private final String topic;
    private final History history;
    private final Referee log;
    private final BiConsumer<Rule, String> violation;
    private final Map<String, List<Seen>> streams = new LinkedHashMap<>();
    private final Map<String, Integer> terminals = new HashMap<>();

    StreamRules(Lane lane, String topic, History history, Referee log, BiConsumer<Rule, String> violation) {
        this.lane = lane;
        this.topic = topic;
        this.history = history;
        this.log = log;
        this.violation = violation;
    }

    void check() {
        for (Seen event : history.of(topic)) {
            JsonNode json = event.json();
            String runId = json.path("runId").asString("");
            String type = json.path("type").asString("");
            if (type.equals("RUN_FINISHED") || type.equals("RUN_ERROR")) {
                terminals.merge(Referee.id(event.agent(), runId), 1, Integer::sum);
            }
            JsonNode place = json.path("metadata").path("noesis");
            if (place.path("seq").isMissingNode()) {
                continue;
            }
            streams.computeIfAbsent(
                            stream(event.agent(), runId, place.path("attempt").toString()), _ -> new ArrayList<>())
                    .add(event);
        }
        streams.forEach(this::numbers);
        log.runs().stream().filter(run -> run.lane == lane).forEach(run -> {
            terminal(run);
            if (run.ending instanceof Ending.Success) {
                run.answers.forEach(answer -> text(run, answer));
            }
        });
    }

    private void numbers(String name, List<Seen> events) {
        Referee.Tenures tenures = log.tenures(events.getFirst().partition(), lane);
        if (log.runs(events.getFirst().agent(), events.getFirst().text("runId")).isEmpty()) {
            violation.accept(Rule.STREAM_NUMBERS, shown(name) + " belongs to no run of the log");
        }
        List<Long> numbers = events.stream().map(StreamRules::seq).toList();
        if (tenures.count > 1) {
            numbers = numbers.stream().sorted().toList();
        }
        if (tenures.deaths > 0) {
            numbers = numbers.stream().distinct().toList();
        }
        int gaps = 0;
        long next = 0;
        for (long number : numbers) {
            gaps += number == next ? 0 : 1;
            next = number + 1;
        }
        if (gaps > (tenures.deaths > 0 ? 1 : 0)) {
            violation.accept(Rule.STREAM_NUMBERS, shown(name) + " has the numbers " + numbers);
        }
    }

    private void terminal(LoggedRun run) {
        int told = terminals.getOrDefault(Referee.id(run.agent, run.runId), 0);
        boolean died = log.tenures(run.partition, lane).deaths > 0;
        int runs = log.runs(run.agent, run.runId).size();
        if (!died && !run.isOpen() && !log.wasDeleted(run.agent) && told != runs) {
            violation.accept(Rule.STREAM_NUMBERS, run + " has " + told + " terminal events in its stream");
        }
    }

    private void text(LoggedRun run, StepCompleted answer) {
        String attempt =
                "[" + answer.attempt().barrier() + "," + answer.attempt().n() + "]";
        Map<Long, String> deltas = new TreeMap<>();
        for (Seen event : streams.getOrDefault(stream(run.agent, run.runId, attempt), List.of())) {
            JsonNode json = event.json();
            if (json.path("type").asString("").equals("TEXT_MESSAGE_CONTENT")) {
                deltas.put(seq(event), json.path("delta").asString(""));
            }
        }
        String streamed = String.join("", deltas.values());
        String said = Referee.text(answer);
        boolean fits =
                log.tenures(run.partition, lane).deaths > 0 ? isWithOneGap(streamed, said) : streamed.equals(said);
        if (!fits) {
            violation.accept(
                    Rule.STREAM_TEXT,
                    run + ", step " + answer.step() + ": streamed '" + streamed + "', and answered '" + said + "'");
        }
    }

    /** Whether it is the text with at most one piece left out. */
    private static boolean isWithOneGap(String streamed, String text) {
        int prefix = 0;
        while (prefix < Math.min(streamed.length(), text.length()) && streamed.charAt(prefix) == text.charAt(prefix)) {
            prefix++;
        }
        String rest = streamed.substring(prefix);
        return text.substring(prefix).endsWith(rest);
    }

    private static long seq(Seen event) {
        return event.json().path("metadata").path("noesis").path("seq").asLong();
    }

    private static String stream(String agent, String runId, String attempt) {
        return agent + "\0" + runId + "\0" + attempt;
    }

    private static String shown(String stream) {
        return "the stream " + stream.replace('\0', '/');
    }
}
