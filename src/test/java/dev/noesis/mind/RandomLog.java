package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MindEvent;
import dev.noesis.model.RunSpec;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A log as the worst of worlds would write it: owners come and go, zombies go on, everything may come twice, too late or
 * out of order, and some of it is no event at all. The same seed gives the same log.
 */
public final class RandomLog {
    private static final List<String> AGENTS = List.of("ada", "bob", "cyd");
    private static final int RUNS = 12;

    private final Random random;
    private final List<TestLog.Entry> entries = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private long clock = Specs.T0;
    private long attempts;
    private int incarnations;

    private RandomLog(long seed) {
        random = new Random(seed);
    }

    public static List<TestLog.Entry> of(long seed, int records) {
        RandomLog log = new RandomLog(seed);
        log.barrier(Lane.CHAT);
        log.barrier(Lane.HEARTBEAT);
        while (log.entries.size() < records) {
            log.next();
        }
        return log.entries;
    }

    private void next() {
        clock += random.nextInt(10) == 0 ? random.nextInt(40_000) - 1_000 : random.nextInt(20);
        int dice = random.nextInt(100);
        if (dice < 2) {
            barrier(random.nextBoolean() ? Lane.CHAT : Lane.HEARTBEAT);
        } else if (dice < 6) {
            add(bytes(random.nextInt(20)), random.nextBoolean() ? null : bytes(random.nextInt(40)));
        } else if (dice < 16) {
            // what was written is written again
            TestLog.Entry again = entries.get(random.nextInt(entries.size()));
            add(again.key(), again.value());
        } else {
            // the newest owner mostly, and sometimes one that owns nothing any more
            Writer by = writers.get(
                    random.nextInt(4) > 0
                            ? Math.max(0, writers.size() - 1 - random.nextInt(2))
                            : random.nextInt(writers.size()));
            add(AGENTS.get(random.nextInt(AGENTS.size())).getBytes(UTF_8), Json.write(event(by)));
        }
    }

    private MindEvent event(Writer by) {
        boolean chat = by.lane() == Lane.CHAT;
        String run = (chat ? "r" : "h") + random.nextInt(RUNS);
        String thread = (chat ? "t" : "h") + random.nextInt(4);
        int step = random.nextInt(3);
        Attempt attempt = new Attempt(random.nextInt(20), attempts++);
        String finding = "f" + random.nextInt(5);
        MemoryWrite write = random.nextBoolean()
                ? Facts.write("subject" + random.nextInt(9), "fact " + random.nextInt())
                : new MemoryWrite.DecideFinding(
                        finding,
                        List.of(MemoryWrite.Action.values()).get(random.nextInt(4)),
                        random.nextBoolean() ? null : "because");
        RunSpec spec = Specs.spec(1 + random.nextInt(3), random.nextBoolean() ? null : 40L, chat ? null : "recall");
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> by.opened(run, thread, "hello " + random.nextInt(), spec);
            case 3, 4 -> by.answered(run, step, attempt, "hi " + random.nextInt());
            case 5, 6 -> by.asked(run, step, attempt, "a", "b");
            case 7, 8 -> by.tool(run, step, random.nextBoolean() ? "a" : "b", "found", random.nextInt(4) == 0, write);
            case 9 -> by.failed(run, step, attempt, random.nextBoolean() ? null : clock + 100);
            case 10 -> by.cancelled(run, thread);
            case 11 -> by.expired(run, thread);
            case 12 -> by.raised("tick" + random.nextInt(6), Writer.finding(finding));
            default ->
                switch (random.nextInt(8)) {
                    case 0 -> by.deleted();
                    case 1 -> by.handover(1_000, new MindEvent.CallRef("ada", run, step, null));
                    case 2 -> by.checkpoint(entries.size());
                    // a thread is required: the fold throws
                    case 3 -> random.nextInt(10) == 0 ? by.opened("bad", null, "hello") : by.checkpoint(0);
                    case 5, 6 ->
                        by.scheduled(
                                random.nextInt(3) == 0 ? null : Schedules.every("PT" + (1 + random.nextInt(99)) + "M"),
                                random.nextInt(4) == 0 ? null : (long) random.nextInt(entries.size()));
                    case 4 -> by.completed(run, step, attempt, "refusal", new Content.Text("no"));
                    default -> by.completed(run, step, attempt, "pause_turn", new Content.Thinking("hm", "sig"));
                };
        };
    }

    private void barrier(Lane lane) {
        Writer writer = new Writer(lane, lane.id() + incarnations++);
        writers.add(writer);
        add(("~" + lane.id()).getBytes(UTF_8), Json.write(writer.barrier()));
    }

    private void add(byte[] key, byte[] value) {
        entries.add(new TestLog.Entry(entries.size(), key, value, clock));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
