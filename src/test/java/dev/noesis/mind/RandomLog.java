package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.Attempt;
import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckTuning;
import dev.noesis.model.Content;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MindEvent;
import dev.noesis.model.Reaction;
import dev.noesis.model.RunSpec;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<String, Asked> asked = new HashMap<>();
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
            String agent = AGENTS.get(random.nextInt(AGENTS.size()));
            add(agent.getBytes(UTF_8), Json.write(event(by, agent)));
        }
    }

    private record Asked(String run, int step) {}

    /** A check that sees all there is looks, fails, or finds nothing any more. */
    private MindEvent looked(Writer by, String fingerprint) {
        boolean isOk = random.nextInt(5) > 0;
        Finding[] found = isOk && random.nextBoolean()
                ? new Finding[] {
                    new Finding(
                            "d" + fingerprint,
                            "disk",
                            "host",
                            "disk " + random.nextInt(3),
                            List.of(Finding.Urgency.values()).get(random.nextInt(3)),
                            random.nextBoolean(),
                            null)
                }
                : new Finding[0];
        CheckReport report = new CheckReport(
                "disk",
                isOk ? CheckReport.Status.OK : CheckReport.Status.FAILED,
                found.length,
                1,
                clock,
                true,
                isOk ? null : "no answer");
        return by.looked("tick" + random.nextInt(40), random.nextInt(4) == 0, List.of(report), found);
    }

    /** The tuner judges a check, mostly one of which nothing is to be judged. */
    private MindEvent judged(Writer by) {
        Long before = random.nextBoolean() ? null : (long) random.nextInt(1_000_000);
        return by.judged(
                "tick" + random.nextInt(40), new CheckTuning("disk", (long) random.nextInt(1_000_000), before));
    }

    private MindEvent tuned(Writer by) {
        int said = random.nextInt(3);
        return by.tuned(
                "disk",
                said == 0 ? Long.valueOf(random.nextInt(1_000_000)) : null,
                said == 1,
                random.nextBoolean() ? null : Boolean.valueOf(random.nextBoolean()),
                random.nextInt(entries.size()));
    }

    private MindEvent event(Writer by, String agent) {
        boolean chat = by.lane() == Lane.CHAT;
        String run = (chat ? "r" : "h") + random.nextInt(RUNS);
        String thread = (chat ? "t" : "h") + random.nextInt(4);
        int step = random.nextBoolean() ? 0 : random.nextInt(3);
        Attempt attempt = new Attempt(random.nextInt(20), attempts++);
        String finding = "f" + random.nextInt(5);
        MemoryWrite[] writes = random.nextInt(3) > 0 ? new MemoryWrite[] {write(finding)} : reviewed();
        RunSpec spec = Specs.spec(1 + random.nextInt(3), random.nextBoolean() ? null : 40L, chat ? null : "recall");
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> by.opened(run, thread, "hello " + random.nextInt(), spec);
            case 3, 4 -> by.answered(run, step, attempt, "hi " + random.nextInt());
            case 5, 6 -> {
                asked.put(agent + by.lane(), new Asked(run, step));
                yield by.asked(run, step, attempt, "a", "b");
            }
            case 7, 8 -> {
                // mostly an answer to what was asked last: few others find a run that waits for one
                Asked other = new Asked(run, step);
                Asked last = random.nextInt(4) == 0 ? other : asked.getOrDefault(agent + by.lane(), other);
                String call = random.nextBoolean() ? "a" : "b";
                yield by.tool(last.run(), last.step(), call, "found", random.nextInt(4) == 0, writes);
            }
            case 9 -> by.failed(run, step, attempt, random.nextBoolean() ? null : clock + 100);
            case 10 -> by.cancelled(run, thread);
            case 11 -> by.expired(run, thread);
            case 12 ->
                random.nextBoolean()
                        ? by.raised("tick" + random.nextInt(6), Writer.finding(finding))
                        : random.nextInt(8) > 0 ? looked(by, finding) : judged(by);
            default ->
                switch (random.nextInt(11)) {
                    case 0 -> by.deleted();
                    case 1 -> by.handover(1_000, new MindEvent.CallRef("ada", run, step, null));
                    case 2 -> by.checkpoint(entries.size());
                    // a thread is required: the fold throws
                    case 3 -> random.nextInt(10) == 0 ? by.opened("bad", null, "hello") : by.checkpoint(0);
                    case 5, 6 ->
                        by.scheduled(
                                random.nextInt(3) == 0 ? null : Schedules.every("PT" + (1 + random.nextInt(99)) + "M"),
                                random.nextInt(4) == 0 ? null : (long) random.nextInt(entries.size()));
                    case 7, 8 ->
                        by.reacted(
                                (random.nextBoolean() ? "d" : "") + finding,
                                List.of(Reaction.values()).get(random.nextInt(3)),
                                random.nextInt(entries.size()));
                    case 9 -> tuned(by);
                    case 4 -> by.completed(run, step, attempt, "refusal", new Content.Text("no"));
                    default -> by.completed(run, step, attempt, "pause_turn", new Content.Thinking("hm", "sig"));
                };
        };
    }

    /** Few tools are heard at all: what one of them records it reviews as well. */
    private MemoryWrite[] reviewed() {
        String decision = "d" + random.nextInt(2);
        return new MemoryWrite[] {
            Decisions.record(decision, random.nextInt(11) / 10.0),
            Decisions.review(decision, List.of(MemoryWrite.Verdict.values()).get(random.nextInt(3)))
        };
    }

    private MemoryWrite write(String finding) {
        String decision = "d" + random.nextInt(2);
        return switch (random.nextInt(4)) {
            case 0 -> Facts.write("subject" + random.nextInt(9), "fact " + random.nextInt());
            case 1 ->
                new MemoryWrite.DecideFinding(
                        finding,
                        List.of(MemoryWrite.Action.values()).get(random.nextInt(4)),
                        random.nextBoolean() ? null : "because");
            case 2 -> Decisions.record(decision, random.nextInt(11) / 10.0);
            default ->
                Decisions.review(decision, List.of(MemoryWrite.Verdict.values()).get(random.nextInt(3)));
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
