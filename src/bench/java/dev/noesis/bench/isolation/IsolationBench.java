package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.bench.fleet.ChatLoad.Pace;
import dev.noesis.bench.fleet.Fleet;
import dev.noesis.bench.fleet.ModelProcess;
import dev.noesis.bench.fleet.Report;
import dev.noesis.bench.fleet.Settings;
import dev.noesis.bench.isolation.Window.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;

/**
 * What does chat notice of a heartbeat that hangs, crawls, is refused, reset, without its model, stormed, poisoned, killed or stopped, where it uses
 * chat's model client and where it has its own? {@code mvn -Pbench -Dbench=isolation}.
 *
 * <p>The same chat load in each window: conversations whose runs call a tool and then answer. Each pool has a connection more
 * than chat may have calls, so that chat alone never waits for one; where the heartbeat uses chat's client, it may have as many
 * calls as there are connections. The model does to a heartbeat what the words of its signals say, so the processes stay up
 * from window to window; each window has conversations and agents of its own. In each round all are measured, in another order.
 */
public final class IsolationBench {
    private static final int ROUNDS = Settings.number("rounds", 5);
    private static final Duration WINDOW = Duration.ofSeconds(Settings.number("seconds", 10));
    private static final Duration WARM_UP = Duration.ofSeconds(Settings.number("warmUp", 40));
    private static final Duration SETTLE = Duration.ofSeconds(Settings.number("settle", 3));
    /** How long a process is stopped. */
    private static final Duration PAUSE = Duration.ofSeconds(Settings.number("pause", 60));

    /** What would begin later than this is left out. */
    private static final Duration BUDGET = Duration.ofMinutes(Settings.number("minutes", 45));

    private static final int CONVERSATIONS = Settings.number("agents", 64);
    /** Runs; how many calls they have at a time is the worker's to bound. */
    private static final int IN_FLIGHT = Math.min(CONVERSATIONS, Settings.number("inFlight", CONVERSATIONS));

    private static final int CALL_MS = Settings.number("callMs", 100);
    /** Ticks in a second, each with a signal. */
    private static final double RATE = Settings.decimal("rate", 10);

    private static final int SIGNALS = Settings.number("signals", 100_000);
    /** Records, in each topic. */
    private static final int POISON = 1_000;

    private static final String ARRANGEMENTS = Settings.text("subjects", "shared,dedicated,apart");
    private static final String TROUBLES = Settings.text("workloads", "");

    private static final Duration LIMIT = Duration.ofSeconds(90);
    /** A process that was stopped learns only then that it was given up. */
    private static final Duration WAKING = Duration.ofSeconds(3);

    /** What hangs ends so long after its window: it is counted first. */
    private static final Duration BEHIND = Duration.ofMillis(500);

    private static final int FIRST_MS = 30;
    private static final String WORDS = "so it is and so be it";
    /** Of a window's beginning, settling and draining; measured on nothing, for the estimate only. */
    private static final int BETWEEN_SECONDS = 4;

    /** What is measured in one window. */
    private record Part(Workers workers, Trouble trouble) {
        Duration length() {
            return IsolationBench.length(trouble);
        }
    }

    private final Report report = new Report(
            "isolation",
            "mvn -Pbench -Dbench=isolation -Drounds=%d -Dseconds=%d -Dpause=%d"
                    .formatted(ROUNDS, WINDOW.toSeconds(), PAUSE.toSeconds()));
    private final ArrayNode json = report.json().putArray("windows");
    private final List<Window> windows = new ArrayList<>();
    private final long begun = System.nanoTime();

    private IsolationBench() {}

    public static void run() throws Exception {
        new IsolationBench().measure();
    }

    private void measure() throws Exception {
        Pinning pinning = Pinning.choose();
        report.say(
                "%d conversations, %d runs at a time, each of two calls of about %d ms with a call of learn_fact between;"
                                .formatted(CONVERSATIONS, IN_FLIGHT, CALL_MS)
                        + " %d calls of chat at a time, %d of the heartbeat, %d connections in a pool, %d ms to get one, %d attempts;"
                                .formatted(
                                        Workers.CHAT_CALLS,
                                        Workers.HEARTBEAT_CALLS,
                                        Workers.CONNECTIONS,
                                        Workers.ACQUIRE_TIMEOUT_MS,
                                        Workers.ATTEMPTS)
                        + " %.0f ticks/s; %s".formatted(RATE, pinning.what()));
        report.json()
                .put("conversations", CONVERSATIONS)
                .put("inFlight", IN_FLIGHT)
                .put("callMs", CALL_MS)
                .put("ticksPerSecond", RATE)
                .put("signals", SIGNALS)
                .put("stoppedSeconds", PAUSE.toSeconds())
                .put("pinning", pinning.what());
        try (Fleet fleet = Fleet.start(script(), pinning.workers())) {
            ModelProcess heartbeatModel = fleet.startModel("heartbeat-model", script());
            List<Workers> all = Stream.of(Arrangement.values())
                    .filter(arrangement -> isNamed(ARRANGEMENTS, arrangement.id()))
                    .map(arrangement -> Workers.launch(fleet, heartbeatModel, arrangement))
                    .toList();
            all.forEach(workers -> workers.awaitReady(LIMIT));
            for (Workers workers : all) {
                var _ = window(fleet, new Part(workers, Trouble.HEALTHY), 0, WARM_UP);
            }
            Report.progress("about %d minutes to come".formatted(estimate(all).toMinutes() + 1));
            for (int round = 1; round <= ROUNDS; round++) {
                round(fleet, all, round);
            }
        } finally {
            new Results(windows).tell(report);
            report.write();
        }
    }

    /** The model looks at the heartbeat's instructions and at its findings' words; a heartbeat it knows no more of, it answers. */
    private static String script() {
        double perSecond = WORDS.split(" ").length * 1_000.0 / Math.max(1, CALL_MS - FIRST_MS);
        return """
                rules:
                  - match: {system: This is a heartbeat, contains: is hung}
                    fault: hang_before_headers
                  - match: {system: This is a heartbeat, contains: is crawling}
                    answer: "%s"
                    latency: 1s
                    tokensPerSecond: 2
                  - match: {system: This is a heartbeat, contains: is reset}
                    fault: reset
                  - match: {system: This is a heartbeat, contains: is limited}
                    fault: {status: 429, retry_after_ms: 100}
                  - match: {contains: the ferry}
                    answer: "%s"
                    latency: %dms
                    tokensPerSecond: %s
                    tools:
                      - {name: learn_fact, input: {subject: the ferry, statement: It leaves at nine.}}
                  - match: {toolResult: the ferry}
                    answer: "%s"
                    latency: %dms
                    tokensPerSecond: %s
                """.formatted(
                "one two three four ".repeat(150).strip(), WORDS, FIRST_MS, perSecond, WORDS, FIRST_MS, perSecond);
    }

    private static boolean isNamed(String names, String id) {
        return names.isEmpty()
                || Arrays.stream(names.split(",")).map(String::strip).anyMatch(id::equals);
    }

    private static List<Part> parts(List<Workers> all) {
        return all.stream()
                .flatMap(workers -> Arrays.stream(Trouble.values())
                        .filter(trouble -> workers.arrangement().has(trouble))
                        .filter(trouble -> trouble == Trouble.NONE || isNamed(TROUBLES, trouble.id()))
                        .map(trouble -> new Part(workers, trouble)))
                .toList();
    }

    private static Duration length(Trouble trouble) {
        return trouble == Trouble.STOPPED && PAUSE.compareTo(WINDOW) > 0 ? PAUSE : WINDOW;
    }

    private static Duration estimate(List<Workers> all) {
        Duration sum = Duration.ZERO;
        for (Part part : parts(all)) {
            sum = sum.plus(part.length()).plus(SETTLE).plusSeconds(BETWEEN_SECONDS);
        }
        return sum.multipliedBy(ROUNDS);
    }

    private void round(Fleet fleet, List<Workers> all, int round) throws Exception {
        if (System.nanoTime() - begun > BUDGET.toNanos()) {
            report.say("left out, after %d minutes: round %d".formatted(BUDGET.toMinutes(), round));
            return;
        }
        List<Part> parts = new ArrayList<>(parts(all));
        // the round is the seed
        Collections.shuffle(parts, new Random(round));
        for (Part part : parts) {
            Window window = window(fleet, part, round, part.length());
            windows.add(window);
            window.put(json.addObject());
            Report.progress("%d of %d: %s".formatted(round, ROUNDS, window));
        }
    }

    private static Window window(Fleet fleet, Part part, int round, Duration length) throws Exception {
        Workers workers = part.workers();
        Trouble trouble = part.trouble();
        String name = "%s-%s-%d".formatted(workers.arrangement().id(), trouble.id(), round);
        Workers.Counts before = workers.counts();
        Window window;
        try (ChatLoad load = ChatLoad.start(
                fleet.bootstrapServers(),
                workers.topics(),
                name,
                new Conversations(name, CONVERSATIONS),
                Pace.inFlight(IN_FLIGHT))) {
            long from = System.nanoTime() + SETTLE.toNanos();
            Span span = new Span(from, from + length.toNanos());
            long endsAt = System.currentTimeMillis()
                    + SETTLE.plus(length).plus(BEHIND).toMillis();
            Workers.Counts counted;
            try (Beats beats = Beats.start(fleet.bootstrapServers(), workers.topics(), name, trouble, RATE, endsAt)) {
                sleepUntil(span.from());
                counted = suffer(workers, trouble, beats, round, span, before);
            }
            boolean isDrained = load.drain(LIMIT);
            if (!isDrained) {
                Report.progress(name + ": " + load.unanswered() + " runs were not answered within " + LIMIT);
            }
            long unanswered = load.unanswered();
            Workers.Counts of = new Workers.Counts(
                    workers.acquireTimeouts() - before.acquireTimeouts(),
                    counted.heartbeatCalls(),
                    counted.heartbeatInFlight());
            window = Window.of(workers, trouble, round, span, List.copyOf(load.answers()), unanswered, of);
        }
        recover(workers, trouble, name);
        return window;
    }

    /** The window itself; what the heartbeat did in it. */
    private static Workers.Counts suffer(
            Workers workers, Trouble trouble, Beats beats, int round, Span span, Workers.Counts before)
            throws IOException, InterruptedException {
        try {
            switch (trouble) {
                case NONE, HEALTHY, HUNG, CRAWLING, LIMITED, RESET -> {}
                case DOWN -> workers.heartbeatModel().goDown();
                case STORM -> beats.storm(SIGNALS);
                case POISONED -> beats.poison(POISON, round);
                case KILLED -> workers.restartHeartbeat();
                case STOPPED -> workers.signalHeartbeat("STOP");
            }
            sleepUntil(span.to());
        } finally {
            if (trouble == Trouble.STOPPED) {
                workers.signalHeartbeat("CONT");
            }
        }
        if (trouble.isOfProcess()) {
            return new Workers.Counts(0, Double.NaN, Double.NaN);
        }
        Workers.Counts after = workers.counts();
        return new Workers.Counts(0, after.heartbeatCalls() - before.heartbeatCalls(), after.heartbeatInFlight());
    }

    /** The next window begins with a heartbeat that is ready and has nothing left to do. */
    private static void recover(Workers workers, Trouble trouble, String name) throws InterruptedException {
        if (trouble == Trouble.DOWN) {
            // not before chat is done: a JVM that starts takes the processors of both
            workers.heartbeatModel().comeUp();
        }
        if (trouble == Trouble.KILLED) {
            workers.awaitReady(LIMIT);
        }
        if (workers.awaitIdle(trouble.isOfProcess() ? WAKING : Duration.ZERO, LIMIT)) {
            return;
        }
        Report.progress(name + ": the heartbeat was not idle within " + LIMIT);
        if (trouble.isOfProcess()) {
            workers.restartHeartbeat();
            workers.awaitReady(LIMIT);
        }
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }
}
