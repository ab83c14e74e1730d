package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairQueueTest {
    private final FairQueue<String> queue = new FairQueue<>(2, _ -> 0);

    @Test
    void agentsAreServedInTurnAndEachInOrder() {
        for (int i = 0; i < 2; i++) {
            queue.offer("ada", "a" + i);
        }
        queue.offer("bob", "b0");
        queue.offer("cyd", "c0");

        assertThat(polled()).containsExactly("a0", "b0", "c0", "a1");
    }

    @Test
    void aFloodOfOneAgentKeepsAnotherWaitingForOneItemOnly() {
        FairQueue<String> unlimited = new FairQueue<>(Integer.MAX_VALUE, _ -> 0);
        for (int i = 0; i < 1_000; i++) {
            unlimited.offer("ada", "a" + i);
        }
        unlimited.poll();
        unlimited.offer("bob", "b0");

        assertThat(List.of(unlimited.poll(), unlimited.poll())).contains("b0");
    }

    @Test
    void anAgentThatHoldsAsManyAsItMayIsPassedOverUntilItGivesOneBack() {
        queue.offer("ada", "a0");
        queue.offer("ada", "a1");
        queue.offer("ada", "a2");
        assertThat(polled()).containsExactly("a0", "a1");
        assertThat(queue.size()).isEqualTo(1);

        queue.release("bob");
        assertThat(queue.poll()).isNull();
        queue.release("ada");

        assertThat(queue.poll()).isEqualTo("a2");
        assertThat(queue.size()).isZero();
    }

    @Test
    void whatAnAgentHeldBeforeCounts() {
        Map<String, Integer> before = new HashMap<>(Map.of("ada", 2, "bob", 1));
        FairQueue<String> later = new FairQueue<>(2, agent -> before.getOrDefault(agent, 0));
        later.offer("ada", "a0");
        later.offer("bob", "b0");
        later.offer("bob", "b1");

        assertThat(later.poll()).isEqualTo("b0");
        assertThat(later.poll()).isNull();

        before.put("ada", 1);
        later.release("ada");
        assertThat(later.poll()).isEqualTo("a0");
    }

    @Test
    void whatIsHeldWithoutHavingQueuedCounts() {
        queue.offer("ada", "a0");
        queue.hold("ada");
        queue.hold("ada");

        assertThat(queue.poll()).isNull();
        queue.release("ada");
        assertThat(queue.poll()).isEqualTo("a0");
    }

    @Test
    void whatIsTakenOutIsNotServed() {
        queue.offer("ada", "a0");
        queue.offer("ada", "a1");
        queue.offer("bob", "b0");

        queue.removeIf("ada", "a0"::equals);
        queue.removeIf("bob", _ -> true);
        queue.removeIf("nobody", _ -> true);

        assertThat(queue.size()).isEqualTo(1);
        assertThat(polled()).containsExactly("a1");
    }

    @Test
    void whatWaitsForItsAgentsTurnCanBeTakenOutAsWell() {
        queue.hold("ada");
        queue.hold("ada");
        queue.offer("ada", "a0");

        queue.removeIf("ada", "a0"::equals);
        queue.release("ada");

        assertThat(queue.poll()).isNull();
        assertThat(queue.size()).isZero();
    }

    /** Against a plain model: lists of what waits and counts of what is held. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void whateverHappensItIsFairAndKeepsItsLimits(long seed) {
        Random random = new Random(seed);
        int perAgent = 1 + random.nextInt(4);
        FairQueue<String> fair = new FairQueue<>(perAgent, _ -> 0);
        List<String> agents = List.of("ada", "bob", "cyd", "dan", "eve");
        Map<String, Deque<String>> waiting = new HashMap<>();
        Map<String, Integer> held = new HashMap<>();
        Map<String, Set<String>> servedSince = new HashMap<>();
        agents.forEach(agent -> waiting.put(agent, new ArrayDeque<>()));

        for (int i = 0; i < 20_000; i++) {
            String agent = agents.get(random.nextInt(agents.size()));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    String item = agent + i;
                    fair.offer(agent, item);
                    waiting.get(agent).add(item);
                }
                case 2, 3 -> {
                    String item = fair.poll();
                    List<String> ready = agents.stream()
                            .filter(a -> !waiting.get(a).isEmpty() && held.getOrDefault(a, 0) < perAgent)
                            .toList();
                    if (item == null) {
                        assertThat(ready).isEmpty();
                        break;
                    }
                    String served = item.substring(0, 3);
                    assertThat(ready).contains(served);
                    assertThat(waiting.get(served).remove())
                            .as("the agent's oldest")
                            .isEqualTo(item);
                    held.merge(served, 1, Integer::sum);
                    // nobody is served twice while another was ready all the time
                    servedSince.remove(served);
                    ready.stream()
                            .filter(a -> !a.equals(served))
                            .forEach(passed -> assertThat(servedSince
                                            .computeIfAbsent(passed, _ -> new HashSet<>())
                                            .add(served))
                                    .as("%s was served twice before %s", served, passed)
                                    .isTrue());
                    servedSince.keySet().retainAll(ready);
                }
                case 4 -> {
                    if (held.getOrDefault(agent, 0) > 0) {
                        fair.release(agent);
                        held.merge(agent, -1, Integer::sum);
                    }
                }
                default -> {
                    String item = waiting.get(agent).peekLast();
                    if (item != null && random.nextBoolean()) {
                        fair.removeIf(agent, item::equals);
                        waiting.get(agent).removeLast();
                    } else if (random.nextInt(4) == 0) {
                        fair.hold(agent);
                        held.merge(agent, 1, Integer::sum);
                    }
                }
            }
            // who cannot be served now has not been passed over
            servedSince.keySet().removeIf(a -> waiting.get(a).isEmpty() || held.getOrDefault(a, 0) >= perAgent);
            assertThat(fair.size())
                    .isEqualTo(waiting.values().stream().mapToInt(Deque::size).sum());
        }
    }

    private List<String> polled() {
        List<String> items = new ArrayList<>();
        for (String item = queue.poll(); item != null; item = queue.poll()) {
            items.add(item);
        }
        return items;
    }
}
