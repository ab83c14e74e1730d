package dev.noesis.chaos;

import dev.noesis.check.History;
import dev.noesis.check.Seen;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.StepFailed;
import dev.noesis.serde.Json;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Model calls by what streams and log know of them.
 *
 * @param perRun how many runs were called for how often
 * @param calls all that began to stream, or were heard of
 * @param answered of them, those that came to an answer
 * @param paidAgain answers beyond the first of their step: what was paid twice
 */
record Attempts(Map<Integer, Integer> perRun, int calls, int answered, int paidAgain) {
    static Attempts of(History history) {
        Map<String, Set<Attempt>> ofRun = new HashMap<>();
        Map<String, Set<Attempt>> answers = new HashMap<>();
        for (Seen record : history.of(history.topics().mindLog())) {
            MindEvent event = event(record);
            if (event == null) {
                continue;
            }
            String run = record.agent() + "/" + event.runId();
            if (event.body() instanceof StepCompleted completed) {
                add(ofRun, run, completed.attempt());
                add(answers, run + "/" + completed.step(), completed.attempt());
            } else if (event.body() instanceof StepFailed failed) {
                add(ofRun, run, failed.attempt());
            }
        }
        for (String topic :
                List.of(history.topics().chatEvents(), history.topics().heartbeatEvents())) {
            for (Seen event : history.of(topic)) {
                JsonNode attempt = event.json().path("metadata").path("noesis").path("attempt");
                if (!attempt.isMissingNode()) {
                    add(
                            ofRun,
                            event.agent() + "/" + event.text("runId"),
                            Json.mapper().treeToValue(attempt, Attempt.class));
                }
            }
        }
        Map<Integer, Integer> perRun = new TreeMap<>();
        ofRun.values().forEach(attempts -> perRun.merge(attempts.size(), 1, Integer::sum));
        int answered = answers.values().stream().mapToInt(Set::size).sum();
        return new Attempts(
                perRun, ofRun.values().stream().mapToInt(Set::size).sum(), answered, answered - answers.size());
    }

    private static void add(Map<String, Set<Attempt>> to, String key, Attempt attempt) {
        to.computeIfAbsent(key, _ -> new HashSet<>()).add(attempt);
    }

    private static @Nullable MindEvent event(Seen record) {
        try {
            return record.value() == null ? null : Json.read(record.value(), MindEvent.class);
        } catch (JacksonException e) {
            // the run itself puts such records there
            return null;
        }
    }
}
