package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Fold.Position;
import dev.noesis.model.Lane;
import dev.noesis.serde.Json;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every log. The seed is in the test's name. */
class FoldPropertyTest {
    private static final int RECORDS = 800;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void twoFoldsOfOneLogAreEqualAtEveryOffset(long seed) {
        try (StoreFixture store = new StoreFixture()) {
            Fold inMemory = new Fold(new MapEntries(), Position.START);
            Fold inStore = new Fold(store.entries(), Position.START);
            for (TestLog.Entry entry : RandomLog.of(seed, RECORDS)) {
                Fold.Result one = entry.foldInto(inMemory);
                Fold.Result other = entry.foldInto(inStore);

                assertThat(other).as("result at offset %d", entry.offset()).isEqualTo(one);
                assertThat(inStore.position()).isEqualTo(inMemory.position());
            }
            assertThat(contents(store.entries())).isEqualTo(inMemory.position().storeHash());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void aFoldThatIsTakenUpAnywhereComesToTheSame(long seed) {
        Random random = new Random(seed);
        List<TestLog.Entry> log = RandomLog.of(seed, RECORDS);
        Fold never = new Fold(new MapEntries(), Position.START);
        MapEntries entries = new MapEntries();
        Fold stopped = new Fold(entries, Position.START);
        for (TestLog.Entry entry : log) {
            entry.foldInto(never);
            entry.foldInto(stopped);
            if (random.nextInt(10) == 0) {
                byte[] kept = Json.write(stopped.position());
                stopped = new Fold(entries, Json.read(kept, Position.class));
            }
            assertThat(stopped.position()).isEqualTo(never.position());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {21, 22, 23})
    void theStoresHashIsThatOfItsEntriesAtEveryOffset(long seed) {
        MapEntries entries = new MapEntries();
        Fold fold = new Fold(entries, Position.START);
        for (TestLog.Entry entry : RandomLog.of(seed, 600)) {
            entry.foldInto(fold);
            if (entry.offset() % 7 == 0) {
                assertThat(contents(entries)).isEqualTo(fold.position().storeHash());
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {31, 32, 33})
    void whatAnAgentCountsIsWhatItHas(long seed) {
        Fold fold = new Fold(new MapEntries(), Position.START);
        for (TestLog.Entry entry : RandomLog.of(seed, RECORDS)) {
            entry.foldInto(fold);
            if (entry.offset() % 3 != 0) {
                continue;
            }
            for (String agent : List.of("ada", "bob", "cyd")) {
                check(fold.cognition(), agent, entry.offset());
                checkMemory(fold.cognition(), agent, entry.offset());
            }
        }
    }

    /** Else the tests above would say little. */
    @Test
    void theLogsOfTheseTestsReachEverything() {
        Set<String> reached = new TreeSet<>();
        for (long seed = 1; seed <= 20; seed++) {
            Fold fold = new Fold(new MapEntries(), Position.START);
            for (TestLog.Entry entry : RandomLog.of(seed, RECORDS)) {
                switch (entry.foldInto(fold)) {
                    case Fold.Result.Poison _ -> reached.add("Poison");
                    case Fold.Result.Skipped _ -> reached.add("Skipped");
                    case Fold.Result.Event event -> {
                        reached.add(event.folded().getClass().getSimpleName());
                        if (event.folded() instanceof Folded.RunMoved moved) {
                            reached.add(moved.after().state().getClass().getSimpleName());
                            reached.addAll(kept(fold.cognition(), event.agent()));
                        }
                    }
                }
            }
        }
        assertThat(reached)
                .contains(
                        "Acting",
                        "Cancelled",
                        "Decision",
                        "Deleted",
                        "Failed",
                        "Failure",
                        "Faulted",
                        "Fenced",
                        "Finished",
                        "HandedOver",
                        "Ignored",
                        "Noted",
                        "Poison",
                        "Raised",
                        "Review",
                        "RunMoved",
                        "Scheduled",
                        "Stale",
                        "Thinking",
                        "Tuning",
                        "Waiting",
                        "finding ACKNOWLEDGED",
                        "finding DISMISSED",
                        "finding NEW",
                        "finding RESOLVED",
                        "finding TRIAGED");
    }

    private static Set<String> kept(Cognition cognition, String agent) {
        Set<String> kept = new TreeSet<>();
        cognition.failures(agent).forEach(_ -> kept.add("Failure"));
        cognition
                .decisions(agent, Cognition.MAX_DECISIONS)
                .forEach(decision -> kept.add(decision.review() == null ? "Decision" : "Review"));
        cognition.tunings(agent).forEach((_, _) -> kept.add("Tuning"));
        cognition.findings(agent).forEach(entry -> kept.add("finding " + entry.state()));
        return kept;
    }

    private static void check(Cognition cognition, String agent, long offset) {
        Memory.Agent known = cognition.agent(agent);
        List<Run> open = cognition.openRuns(agent);
        long chats = open.stream().filter(run -> run.lane() == Lane.CHAT).count();
        assertThat((long) known.openChatRuns()).as("open runs at %d", offset).isEqualTo(chats);
        for (int i = 0; i < 4; i++) {
            for (String thread : List.of("t" + i, "h" + i)) {
                String active = cognition.thread(agent, thread).activeRun();
                assertThat(open.stream()
                                .filter(run -> run.threadId().equals(thread))
                                .map(Run::runId)
                                .toList())
                        .as("open runs of %s/%s at %d", agent, thread, offset)
                        .isEqualTo(active == null ? List.of() : List.of(active));
            }
        }
    }

    private static void checkMemory(Cognition cognition, String agent, long offset) {
        assertThat(cognition.decisions(agent, Integer.MAX_VALUE))
                .as("decisions of %s at %d", agent, offset)
                .hasSizeLessThanOrEqualTo(Cognition.MAX_DECISIONS)
                .isSortedAccordingTo(
                        Comparator.comparingLong(Memory.Decision::decidedAt).reversed())
                .extracting(Memory.Decision::decisionId)
                .doesNotHaveDuplicates();
        assertThat(cognition.failures(agent))
                .as("failures of %s at %d", agent, offset)
                .hasSizeLessThanOrEqualTo(20)
                .isSortedAccordingTo(
                        Comparator.comparingLong(Memory.Failure::failedAt).reversed())
                .allSatisfy(failure -> assertThat(failure.message()).isNotEmpty());
    }

    private static Digest contents(Entries entries) {
        Digest[] sum = {Digest.ZERO};
        for (String prefix : List.of("a", "p", "x")) {
            entries.scan(prefix, (key, value) -> {
                sum[0] = sum[0].plus(key.getBytes(UTF_8), value);
                return true;
            });
        }
        return sum[0];
    }
}
