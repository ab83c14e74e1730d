package dev.noesis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.fuzz.Mutator.Mutant;
import dev.noesis.model.Content;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.RunCancelled;
import dev.noesis.schemas.SchemaCheck;
import dev.noesis.serde.Json;
import dev.noesis.testing.TestLane;
import dev.noesis.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Wrong requests for one chat lane, and what its contract says of each. */
final class ChatFuzz implements AutoCloseable {
    private static final Topics TOPICS = new Topics("");
    private static final String REQUESTS = TOPICS.chatRequests();
    private static final Set<String> NOT_ACCEPTED = Set.of("invalid_request", "overloaded", "rejected_busy");

    /** Why a request may be refused that its schema allows. */
    private static final List<String> BEYOND_SCHEMA = List.of(
            "agent",
            "key",
            "JSON",
            "UTF-8",
            "Unicode",
            "bytes",
            "larger than",
            "model is one of",
            "the record has no value");

    private final RandomGenerator random;
    private final Mutator mutator;
    private final Tally tally;
    private final TestLane lane;
    /** Agent and run of those that were accepted, and have no reply yet. */
    private final Set<String> open = new HashSet<>();

    private final Set<String> answered = new HashSet<>();
    private int runs;

    ChatFuzz(RandomGenerator random, Path stateDir, Tally tally) {
        this.random = random;
        this.mutator = new Mutator(random);
        this.tally = tally;
        this.lane = TestLane.chat(stateDir, "chat.max.queued.per.agent=6", "chat.max.queued=20");
    }

    /** Has the lane read so many wrong records, and then a good one. */
    void batch(int records) {
        for (int i = 0; i < records; i++) {
            one(mutator.mutate(agent(), valid()));
            if (random.nextInt(12) == 0) {
                answerOne();
            }
        }
        while (!lane.effects.modelCalls.isEmpty()) {
            answerOne();
        }
        lane.passTime();
        replies();
        assertThat(open).as("accepted runs without a reply").isEmpty();
        good();
    }

    private void one(Mutant mutant) {
        Set<String> expiries = new HashSet<>(lane.effects.delayed.keySet());
        int published = lane.effects.published.size();
        lane.effects.appends.clear();
        lane.take(REQUESTS, mutant.key(), mutant.value(), mutant.headers());

        List<String> answers = new ArrayList<>();
        lane.deadLetters(TOPICS.chatDlq()).forEach(reason -> {
            answers.add("dead");
            refused(mutant, reason);
        });
        for (JsonNode reply : lane.written(TOPICS.chatReplies())) {
            String id = mutant.agent() + "/" + reply.path("runId").asString();
            String code = reply.path("code").asString("");
            assertThat(NOT_ACCEPTED).contains(code);
            assertThat(open).doesNotContain(id);
            assertThat(answered).as("%s is answered again", mutant).doesNotContain(id);
            answers.add(code);
            if (code.equals("invalid_request")) {
                refused(mutant, reply.path("message").asString());
            }
        }
        lane.effects.published.stream()
                .skip(published)
                .filter(event -> event.type().equals("CUSTOM"))
                .forEach(event -> answers.add(event.body().path("name").asString()));
        expiries.removeIf(key -> !lane.effects.delayed.containsKey(key));
        boolean accepted = false;
        for (String key : lane.effects.delayed.keySet()) {
            if (!expiries.contains(key)) {
                accepted = true;
                open.add(mutant.agent() + "/"
                        + lane.effects.delayed.get(key).append().event().runId());
            }
        }
        if (accepted) {
            answers.add("accepted");
        } else if (lane.effects.appends.stream()
                .anyMatch(append -> append.event().body() instanceof RunCancelled)) {
            answers.add("cancels");
        } else if (lane.effects.appends.stream()
                .anyMatch(append -> append.event().body() instanceof AgentDeleted)) {
            answers.add("deletes");
        }
        assertThat(answers).as("answers to %s", mutant).hasSize(1);
        tally.count("chat " + answers.getFirst());
        if (Set.of("accepted", "cancels", "deletes").contains(answers.getFirst())) {
            assertThat(SchemaCheck.problems(REQUESTS, mutant.value()))
                    .as("taken: %s", mutant)
                    .isEmpty();
        }
        lane.settle();
        replies();
    }

    private void refused(Mutant mutant, String reason) {
        if (mutant.value() != null
                && mutant.value().length > 0
                && SchemaCheck.problems(REQUESTS, mutant.value()).isEmpty()) {
            assertThat(BEYOND_SCHEMA)
                    .as("%s is refused for '%s', and its schema allows it", mutant, reason)
                    .anyMatch(reason::contains);
        }
    }

    /** Takes the replies that follow from the log: each of an accepted run, once. */
    private void replies() {
        for (var record : lane.records(TOPICS.chatReplies())) {
            JsonNode reply = Json.tree(record.value());
            tally.sample(TOPICS.chatReplies(), record.value());
            String id = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8) + "/"
                    + reply.path("runId").asString();
            assertThat(open.remove(id)).as("%s has a reply and was open", id).isTrue();
            assertThat(answered.add(id)).isTrue();
        }
    }

    private void good() {
        String runId = "good" + runs++;
        String agent = agent();
        lane.read(REQUESTS, agent, run("t", runId));
        open.add(agent + "/" + runId);
        assertThat(lane.thinking()).containsExactly(runId);
        answerOne();
        replies();
        assertThat(open).isEmpty();
        lane.advance(Duration.ofSeconds(random.nextInt(60)));
    }

    private void answerOne() {
        if (!lane.effects.modelCalls.isEmpty()) {
            lane.answer("end_turn", new Content.Text("done"));
            replies();
        }
    }

    private String agent() {
        return List.of("ada", "grace", "edith").get(random.nextInt(3));
    }

    private JsonNode valid() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 ->
                Json.object()
                        .put("type", "cancel")
                        .put("threadId", "t0")
                        .put("runId", someRun())
                        .put("reason", "enough");
            case 3 ->
                random.nextInt(6) == 0
                        ? Json.object().put("type", "delete").put("reason", "asked for")
                        : run("t0", someRun());
            case 4 -> run("t" + random.nextInt(3), someRun());
            default -> full();
        };
    }

    private String someRun() {
        return "r" + Math.max(0, runs - random.nextInt(12));
    }

    private static ObjectNode run(String threadId, String runId) {
        ObjectNode run = Json.object().put("threadId", threadId).put("runId", runId);
        run.putArray("messages").addObject().put("id", "m1").put("role", "user").put("content", "hello");
        return run;
    }

    private ObjectNode full() {
        ObjectNode run = run("t" + random.nextInt(3), "r" + runs++).put("parentRunId", "p1");
        run.withArray("messages").addObject().put("role", "system").put("content", "be brief");
        run.withArray("messages")
                .addObject()
                .put("role", "user")
                .putArray("content")
                .addObject()
                .put("type", "text")
                .put("text", "hello");
        run.putArray("context").addObject().put("description", "a").put("value", "b");
        ObjectNode options = run.putObject("forwardedProps").putObject("noesis");
        options.put("multitask", List.of("enqueue", "reject", "interrupt").get(random.nextInt(3)))
                .put("deadlineMs", 60_000)
                .put("maxTokens", 100)
                .putObject("budget")
                .put("tokens", 10_000);
        return run;
    }

    @Override
    public void close() {
        lane.close();
    }
}
