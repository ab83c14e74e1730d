package dev.noesis.chat;

import static dev.noesis.chat.CrashableChat.REQUESTS;
import static dev.noesis.chat.CrashableChat.cancel;
import static dev.noesis.chat.CrashableChat.start;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Checkpoints;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.run.CrashableEffects;
import dev.noesis.run.CrashableEffects.Appended;
import dev.noesis.run.CrashableEffects.Called;
import dev.noesis.run.CrashableLane;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * A task that crashes at any moment, with any part of its effects in the log and any part of its work committed, while its
 * predecessors' appends and answers still arrive: every run gets one reply, and nothing is left behind.
 */
class ChatCrashPropertyTest {
    private static final List<String> AGENTS = List.of("ada", "bob");
    private static final int ACTIONS = 600;

    static List<Long> seeds() {
        return LongStream.rangeClosed(1, 20).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRunGetsOneReplyAndNothingIsLeft(long seed) {
        Random random = new Random(seed);
        World world = new World(random);
        for (int i = 0; i < ACTIONS; i++) {
            world.act();
        }
        world.settle();

        world.check();
    }

    private static final class World {
        private final Random random;
        private final CrashableLane lane = CrashableChat.task(Map.of("chat.max.in.flight.per.agent", "3"))
                .lazily()
                .start();
        private final Set<String> sent = new TreeSet<>();
        /** Of what a task left behind when it died, some arrives. */
        private final List<Runnable> late = new ArrayList<>();

        private boolean up = true;
        private int runs;

        World(Random random) {
            this.random = random;
        }

        void act() {
            int dice = random.nextInt(100);
            if (dice < 20) {
                request();
            } else if (dice < 30 && !late.isEmpty()) {
                late.remove(0).run();
            } else if (!up) {
                lane.start();
                up = true;
            } else if (dice < 58) {
                lane.processNext();
            } else if (dice < 76) {
                lane.flushOne();
            } else if (dice < 82) {
                lane.commit();
            } else if (dice < 83) {
                lane.pass(random.nextInt(20_000));
            } else if (dice < 93) {
                answer();
            } else if (dice < 97) {
                leaveBehind();
                lane.crash();
                up = false;
            } else if (dice < 98) {
                lane.stop();
                up = false;
            } else if (dice < 99) {
                lane.input(REQUESTS, AGENTS.get(random.nextInt(2)), CrashableChat.delete());
            } else {
                lane.append("ada", Writer.chat("nobody").cancelled("ada-t0-" + random.nextInt(runs + 1), "t0"));
            }
        }

        private void request() {
            String agent = AGENTS.get(random.nextInt(2));
            String thread = "t" + random.nextInt(3);
            String run = agent + "-" + thread + "-" + (random.nextInt(6) == 0 ? random.nextInt(runs + 1) : runs++);
            if (random.nextInt(6) == 0) {
                lane.input(REQUESTS, agent, cancel(thread, run));
                return;
            }
            sent.add(run);
            String policy = switch (random.nextInt(8)) {
                case 0 -> "'multitask':'interrupt'";
                case 1 -> "'deadlineMs':" + (1 + random.nextInt(30_000));
                default -> "";
            };
            lane.input(REQUESTS, agent, start(thread, run, policy));
        }

        private void answer() {
            List<Called> calls = List.copyOf(lane.effects().inFlight.values());
            if (calls.isEmpty()) {
                lane.effects().acting.values().stream().findFirst().ifPresent(tooled -> {
                    var call = tooled.call().call();
                    lane.toolAnswers(call.agentId(), call.runId(), call.callId(), "found", false);
                });
                return;
            }
            Called called = calls.get(random.nextInt(calls.size()));
            String agent = called.call().agentId();
            String run = called.call().runId();
            switch (random.nextInt(6)) {
                case 0 -> lane.ask(agent, run, "call", "recall", "{}");
                case 1 -> lane.fail(agent, run, random.nextBoolean() ? null : lane.clock() + 1_000);
                default -> lane.answer(agent, run, "hi");
            }
        }

        /** Appends that were on their way, and calls that are answered after all. */
        private void leaveBehind() {
            for (Appended appended : lane.takeUnappended()) {
                if (random.nextBoolean()) {
                    late.add(() -> lane.append(appended.agentId(), appended.event()));
                }
            }
            for (Called called : List.copyOf(lane.effects().inFlight.values())) {
                if (random.nextBoolean()) {
                    Attempt attempt = CrashableEffects.attempt(called.tenure());
                    MindEvent answer = Writer.chat("gone")
                            .answered(called.call().runId(), called.call().step(), attempt, "from before");
                    late.add(() -> lane.append(called.call().agentId(), answer));
                }
            }
        }

        void settle() {
            late.forEach(Runnable::run);
            if (!up) {
                lane.start();
            }
            lane.run();
            for (int i = 0; i < 10_000; i++) {
                lane.fallBack();
                if (lane.effects().inFlight.isEmpty() && lane.effects().acting.isEmpty()) {
                    break;
                }
                answer();
                lane.run();
            }
            lane.commit();
        }

        void check() {
            List<JsonNode> replies = lane.outputs(ChatTopology.REPLIES_SINK).stream()
                    .map(CrashableLane.Output::json)
                    .toList();
            Map<String, Long> perRun = replies.stream()
                    .collect(Collectors.groupingBy(reply -> reply.path("runId").asString(), Collectors.counting()));
            assertThat(perRun.keySet()).as("every run is replied to").isEqualTo(sent);
            assertThat(perRun.values()).as("and once: %s", perRun).allMatch(count -> count == 1);
            assertThat(lane.effects().delayed).isEmpty();
            for (String agent : AGENTS) {
                assertThat(lane.processor().cognition().openRuns(agent)).isEmpty();
                for (int i = 0; i < 3; i++) {
                    assertThat(lane.processor()
                                    .cognition()
                                    .thread(agent, "t" + i)
                                    .activeRun())
                            .isNull();
                }
            }
            inOrder(replies);

            Checkpoints.hold(lane.stop().log());
            lane.start().run();
            assertThat(lane.effects().appended).as("left behind").isEmpty();
            assertThat(lane.effects().called).as("left behind").isEmpty();
            assertThat(lane.effects().tooled).as("left behind").isEmpty();
        }

        /** Runs of a thread that had begun are replied to in the order in which they began. */
        private void inOrder(List<JsonNode> replies) {
            Map<String, List<String>> began = new HashMap<>();
            for (var entry : lane.log()) {
                MindEvent event = Json.read(entry.value(), MindEvent.class);
                if (event.body() instanceof MindEvent.RunOpened) {
                    List<String> ofThread = began.computeIfAbsent(
                            new String(entry.key(), UTF_8) + event.threadId(), _ -> new ArrayList<>());
                    if (!ofThread.contains(event.runId())) {
                        ofThread.add(event.runId());
                    }
                }
            }
            began.forEach((_, runs) -> assertThat(replies.stream()
                            .filter(reply -> reply.path("outcome")
                                    .path("type")
                                    .asString("")
                                    .equals("success"))
                            .map(reply -> reply.path("runId").asString())
                            .filter(runs::contains)
                            .toList())
                    .isEqualTo(runs.stream()
                            .filter(run -> replies.stream()
                                    .anyMatch(reply ->
                                            reply.path("runId").asString().equals(run)
                                                    && reply.path("outcome")
                                                            .path("type")
                                                            .asString("")
                                                            .equals("success")))
                            .toList()));
        }
    }
}
