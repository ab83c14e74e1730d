package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.DueTicks.Due;
import dev.noesis.heartbeat.DueTicks.Line;
import dev.noesis.mind.Entries;
import dev.noesis.mind.MapEntries;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

class DueTicksTest {
    private final Entries entries = new MapEntries();
    private final DueTicks due = new DueTicks(entries);

    @Test
    void theLongestDueComesFirstAndIsDueNoLonger() {
        due.set("ada", 30L);
        due.set("bob", 10L);
        due.set("cyd", 20L);

        assertThat(due.next()).isEqualTo(10);
        assertThat(due.take(9, 10)).isEmpty();
        assertThat(due.take(20, 10)).containsExactly(new Due("bob", 10), new Due("cyd", 20));
        assertThat(due.take(20, 10)).isEmpty();
        assertThat(due.next()).isEqualTo(30);
        assertThat(due.of("bob")).isEqualTo(new Line(null, 10L));
    }

    @Test
    void noMoreAreTakenThanOneAskedFor() {
        for (String agent : List.of("ada", "bob", "cyd")) {
            due.set(agent, 10L);
        }

        assertThat(due.take(10, 2)).hasSize(2);
        assertThat(due.next()).isEqualTo(10);
        assertThat(due.take(10, 2)).hasSize(1);
        assertThat(due.next()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anAgentIsDueOnceAtATime() {
        due.set("ada", 10L);
        due.set("ada", 40L);
        due.set("bob", 30L);
        due.set("bob", null);

        assertThat(due.take(39, 10)).isEmpty();
        assertThat(due.of("bob")).isEqualTo(Line.NONE);
        assertThat(due.take(40, 10)).containsExactly(new Due("ada", 40));
    }

    @Test
    void whoComesAfterwardsKnowsWhatIsDue() {
        due.set("ada", 10L);

        assertThat(new DueTicks(entries).next()).isEqualTo(10);
        assertThat(new DueTicks(new MapEntries()).next()).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void itIsWhatAMapOfTimesWouldBe(long seed) {
        Random random = new Random(seed);
        TreeMap<String, Long> model = new TreeMap<>();
        long now = 0;
        for (int i = 0; i < 5_000; i++) {
            String agent = "agent" + random.nextInt(20);
            if (random.nextInt(3) > 0) {
                Long at = random.nextInt(5) == 0 ? null : now + random.nextInt(100);
                due.set(agent, at);
                model.remove(agent);
                if (at != null) {
                    model.put(agent, at);
                }
            } else {
                now += random.nextInt(20);
                for (Due taken : due.take(now, 5)) {
                    assertThat(model.remove(taken.agent()))
                            .isEqualTo(taken.at())
                            .isLessThanOrEqualTo(now);
                }
            }
            long first =
                    model.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
            assertThat(due.next()).isLessThanOrEqualTo(first);
        }
    }

    /** The figure is printed, and what it rests on is asserted: what a look reads of the store. */
    @Test
    void aLookAtAMillionSchedulesOfWhichNoneIsDueReadsNothing(@TempDir Path dir) throws RocksDBException {
        int agents = 1_000_000;
        try (Disk disk = new Disk(dir)) {
            DueTicks all = new DueTicks(disk);
            for (int i = 0; i < agents; i++) {
                all.set("agent" + i, 1_800_000_000_000L + i);
            }
            disk.reads = 0;
            long began = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThat(all.take(1_799_999_999_999L, 1_000)).isEmpty();
            }
            long idle = System.nanoTime() - began;
            assertThat(disk.reads).isZero();

            began = System.nanoTime();
            assertThat(all.take(1_800_000_000_999L, 1_000)).hasSize(1_000);
            long busy = System.nanoTime() - began;
            assertThat(disk.reads)
                    .as("those that are due, and the first that is not")
                    .isEqualTo(1_001);

            disk.reads = 0;
            began = System.nanoTime();
            assertThat(new DueTicks(disk).next()).isEqualTo(1_800_000_001_000L);
            long start = System.nanoTime() - began;
            assertThat(disk.reads).isEqualTo(1);
            System.out.printf(
                    "%,d schedules on disk: a look with nothing due %d ns, with 1,000 due %d µs, the first of a task %d µs%n",
                    agents, idle / 1_000, TimeUnit.NANOSECONDS.toMicros(busy), TimeUnit.NANOSECONDS.toMicros(start));
        }
    }

    /** Entries in the engine that Kafka Streams keeps its stores in, which counts what is read of it. */
    private static final class Disk implements Entries, AutoCloseable {
        private final Options options = new Options().setCreateIfMissing(true);
        private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
        private final RocksDB db;
        long reads;

        Disk(Path dir) throws RocksDBException {
            db = RocksDB.open(options, dir.toString());
        }

        @Override
        public byte[] get(String key) {
            reads++;
            return done(() -> db.get(key.getBytes(UTF_8)));
        }

        @Override
        public void put(String key, byte[] value) {
            done(() -> {
                db.put(unlogged, key.getBytes(UTF_8), value);
                return value;
            });
        }

        @Override
        public void delete(String key) {
            done(() -> {
                db.delete(unlogged, key.getBytes(UTF_8));
                return new byte[0];
            });
        }

        @Override
        public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
            scanFrom(prefix, prefix, visitor);
        }

        @Override
        public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
            try (RocksIterator each = db.newIterator()) {
                for (each.seek(from.getBytes(UTF_8)); each.isValid(); each.next()) {
                    String key = new String(each.key(), UTF_8);
                    reads++;
                    if (!key.startsWith(prefix) || !visitor.test(key, each.value())) {
                        return;
                    }
                }
            }
        }

        @Override
        public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
            throw new AssertionError("nobody looks backwards");
        }

        private interface Access {
            byte[] run() throws RocksDBException;
        }

        private static byte[] done(Access access) {
            try {
                return access.run();
            } catch (RocksDBException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            db.close();
            unlogged.close();
            options.close();
        }
    }
}
