package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.HeartbeatInput.ScheduleChange;
import dev.noesis.mind.DueTimes;
import dev.noesis.mind.Writer;
import dev.noesis.model.Schedule;
import dev.noesis.model.ScheduledTick;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over a day every tick that is due is made, none twice, no budget is passed, and crashes change nothing. */
class SimulatedDayTest {
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = 1)
    void aDayWithCrashesIsTheSameAsOneWithoutAndMakesEveryTickOnce(long seed) {
        Random random = new Random(seed);
        Set<Integer> crashes = new TreeSet<>();
        while (crashes.size() < 20) {
            crashes.add(1 + random.nextInt(SimulatedDay.MINUTES));
        }

        SimulatedDay plain = new SimulatedDay(seed, Set.of()).run();
        SimulatedDay crashed = new SimulatedDay(seed, crashes).run();

        Map<String, Set<String>> due = due();
        assertThat(plain.ticks()).isEqualTo(due);
        assertThat(plain.outcomes())
                .hasSize(due.values().stream().mapToInt(Set::size).sum());
        assertThat(crashed.lines()).isEqualTo(plain.lines());
        spent(plain)
                .forEach((agentAndDay, tokens) -> assertThat(tokens)
                        .as("tokens of %s: at most the call that used the budget up is beyond it", agentAndDay)
                        .isLessThanOrEqualTo(SimulatedDay.BUDGET + Writer.COST.total() - 1));
        System.out.printf(
                "seed %d: %,d ticks of %,d agents: %s; %,d records of the log, with crashes in the minutes %s %,d%n",
                seed,
                plain.outcomes().size(),
                SimulatedDay.AGENTS,
                plain.outcomes().stream()
                        .map(outcome -> outcome.json().path("status").asString() + " "
                                + outcome.json().path("skipReason").asString(""))
                        .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting())),
                plain.lengthOfLog(),
                crashes,
                crashed.lengthOfLog());
        assertThat(plain.lines()).anyMatch(line -> line.contains("skipped budget"));
    }

    /** The names of all ticks that are due that day, by agent. */
    private static Map<String, Set<String>> due() {
        Map<String, Set<String>> due = new TreeMap<>();
        ScheduleReader reader = new ScheduleReader(Set.of(), new CheckNames(List.of()));
        for (int i = 0; i < SimulatedDay.AGENTS; i++) {
            String agent = SimulatedDay.agent(i);
            ScheduleChange read = (ScheduleChange) HeartbeatInputReader.schedule(
                    agent, SimulatedDay.schedule(i).getBytes(UTF_8), SimulatedDay.began(), reader);
            Schedule schedule = read.schedule();
            for (Long at = DueTimes.next(schedule, agent, SimulatedDay.began());
                    at != null && at <= SimulatedDay.ended();
                    at = DueTimes.next(schedule, agent, at)) {
                due.computeIfAbsent(agent, _ -> new TreeSet<>()).add(new ScheduledTick(agent, at).id());
            }
        }
        return due;
    }

    /** What agents with a budget were charged, by agent and day in UTC. */
    private static Map<String, Long> spent(SimulatedDay day) {
        Map<String, Long> spent = new HashMap<>();
        day.outcomes().forEach(outcome -> {
            boolean hasBudget = SimulatedDay.schedule(
                            Integer.parseInt(outcome.agent().substring(5)))
                    .contains("budget");
            if (hasBudget) {
                // charged and told within the same minute
                String on = outcome.header("ce_time").substring(0, "2027-01-15".length());
                spent.merge(
                        outcome.agent() + " on " + on,
                        outcome.json().at("/usage/totalTokens").asLong(0),
                        Long::sum);
            }
        });
        return spent;
    }
}
