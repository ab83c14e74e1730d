package dev.noesis.bench.recovery;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.bench.fleet.ChatLoad.Answer;
import dev.noesis.bench.fleet.ChatLoad.Pace;
import dev.noesis.bench.fleet.Figures;
import dev.noesis.bench.fleet.Fleet;
import dev.noesis.bench.fleet.Report;
import dev.noesis.bench.fleet.Settings;
import dev.noesis.it.WorkerProcess;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;

/**
 * Workers are restarted one by one under load: how many model calls are made, and paid, again, and how long the replies wait.
 * {@code mvn -Pbench -Dbench=rolling}.
 */
public final class RollingBench {
    private static final int WORKERS = Settings.number("workers", 3);
    private static final int IN_FLIGHT = Settings.number("inFlight", 150);
    private static final int PARTITIONS = Settings.number("partitions", 12);
    private static final int CALL_MS = Settings.number("callMs", 4_000);
    private static final int FIRST_MS = 200;
    private static final int WORDS = 20;
    private static final Duration WARM_UP = Duration.ofSeconds(Settings.number("warmUp", 45));
    private static final Duration SETTLE = Duration.ofSeconds(Settings.number("settle", 10));
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final double MOST_PAID_AGAIN = 0.01;
    private static final double MOST_WAIT_MS = 5_000;

    /**
     * A restart.
     *
     * @param ofWorker model calls in flight in the worker when it was told to stop
     * @param ofAll the same, of all workers
     * @param from when it was told, {@link System#nanoTime()}
     */
    private record Restart(
            int worker, int ofWorker, int ofAll, long from, double exitMs, double readyMs, int exitCode) {}

    private final Report report = new Report("rolling", "mvn -Pbench -Dbench=rolling");
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final Map<String, String> settings = Map.of(
            "lanes",
            Settings.text("lanes", "chat"),
            "chat.max.in.flight",
            Integer.toString(IN_FLIGHT),
            "kafka.num.standby.replicas",
            Settings.text("standbys", "1"));

    private RollingBench() {}

    public static void run() throws Exception {
        new RollingBench().measure();
    }

    private void measure() throws Exception {
        report.say("%d workers, %d partitions, %d runs in flight, each of one call of %.1f s and %d words"
                .formatted(WORKERS, PARTITIONS, IN_FLIGHT, CALL_MS / 1_000.0, WORDS));
        try (Fleet fleet = Fleet.start(script(CALL_MS))) {
            Topics topics = fleet.deploy("rolling", PARTITIONS);
            for (int i = 0; i < WORKERS; i++) {
                workers.add(fleet.launch("rolling", i, settings));
            }
            workers.forEach(worker -> worker.awaitReady(LIMIT));
            try (ChatLoad load =
                    ChatLoad.start(fleet.bootstrapServers(), topics, "r", 10 * IN_FLIGHT, Pace.inFlight(IN_FLIGHT))) {
                Thread.sleep(WARM_UP);
                List<Restart> restarts = new ArrayList<>();
                for (int i = 0; i < WORKERS; i++) {
                    restarts.add(restart(fleet, i));
                    Thread.sleep(SETTLE);
                }
                boolean isDrained = load.drain(LIMIT);
                long calls = fleet.model().calls();
                tell(restarts, load, calls, isDrained);
            }
            workers.forEach(WorkerProcess::close);
        }
        report.write();
    }

    /** A call of that length: the pace of the words makes it. */
    static String script(int callMs) {
        return """
                rules:
                  - answer: "a b c d e f g h i j k l m n o p q r s t"
                    latency: %dms
                    tokensPerSecond: %s
                """.formatted(FIRST_MS, WORDS * 1_000.0 / (callMs - FIRST_MS));
    }

    private Restart restart(Fleet fleet, int number) throws InterruptedException {
        WorkerProcess worker = workers.get(number);
        int ofWorker = (int) Figures.of(worker.http()).sum("noesis_model_calls_in_flight", "lane=\"chat\"");
        int ofAll = (int) fleet.model().inFlight();
        long from = System.nanoTime();
        int exitCode = worker.stop(LIMIT);
        double exitMs = (System.nanoTime() - from) / 1e6;
        WorkerProcess again = fleet.launch("rolling", number, settings);
        workers.set(number, again);
        again.awaitReady(LIMIT);
        Restart restart =
                new Restart(number, ofWorker, ofAll, from, exitMs, (System.nanoTime() - from) / 1e6, exitCode);
        Report.progress("restarted " + restart);
        return restart;
    }

    private void tell(List<Restart> restarts, ChatLoad load, long calls, boolean isDrained) {
        List<Answer> answers = List.copyOf(load.answers());
        long begun = restarts.getFirst().from();
        ArrayNode all = report.json().putArray("restarts");
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < restarts.size(); i++) {
            Restart restart = restarts.get(i);
            long to = i + 1 < restarts.size() ? restarts.get(i + 1).from() : Long.MAX_VALUE;
            double longest = longestWait(answers, restart.from(), to);
            all.addObject()
                    .put("worker", restart.worker())
                    .put("atSecond", (restart.from() - begun) / 1e9)
                    .put("inFlightOfWorker", restart.ofWorker())
                    .put("inFlight", restart.ofAll())
                    .put("exitMs", restart.exitMs())
                    .put("readyMs", restart.readyMs())
                    .put("longestWaitMs", longest);
            rows.add(List.of(
                    Integer.toString(restart.worker()),
                    Integer.toString(restart.ofWorker()),
                    Integer.toString(restart.ofAll()),
                    ms(restart.exitMs()),
                    ms(restart.readyMs()),
                    ms(longest)));
        }
        rows.add(0, List.of("none", "", "", "", "", ms(longestWait(answers, Long.MIN_VALUE, begun))));
        report.table(
                List.of(
                        "restarted",
                        "its calls in flight",
                        "all calls in flight",
                        "to its end, ms",
                        "to ready again, ms",
                        "longest wait of a reply over its call, ms"),
                rows);

        ArrayNode seconds = report.json().putArray("seconds");
        waitsBySecond(answers, begun)
                .forEach((second, waits) -> seconds.addObject()
                        .put("second", second)
                        .put("replies", waits.getCount())
                        .put("longestWaitMs", waits.getMax()));
        long failed = answers.stream().filter(answer -> !answer.isSuccess()).count();
        long again = calls - load.sent();
        int inFlight = restarts.stream().mapToInt(Restart::ofWorker).sum();
        double share = again / (double) Math.max(1, inFlight);
        double longest = longestWait(answers, begun, Long.MAX_VALUE);
        report.json()
                .put("inFlight", IN_FLIGHT)
                .put("workers", WORKERS)
                .put("partitions", PARTITIONS)
                .put("callMs", CALL_MS)
                .put("runs", load.sent())
                .put("failed", failed)
                .put("unanswered", load.unanswered())
                .put("calls", calls)
                .put("callsInFlightAtStops", inFlight)
                .put("callsPaidAgain", again)
                .put("sharePaidAgain", share)
                .put("longestWaitMs", longest)
                .put("waitP50Ms", percentile(answers, 0.5))
                .put("waitP99Ms", percentile(answers, 0.99));
        report.say("%,d runs, %d failed, %d unanswered%s; wait over the call p50 %s ms, p99 %s ms"
                .formatted(
                        load.sent(),
                        failed,
                        load.unanswered(),
                        isDrained ? "" : " (not drained)",
                        ms(percentile(answers, 0.5)),
                        ms(percentile(answers, 0.99))));
        report.say("calls paid again: %d of %d in flight at the stops, %.2f %% (at most %.0f %%): %s"
                .formatted(again, inFlight, 100 * share, 100 * MOST_PAID_AGAIN, verdict(share <= MOST_PAID_AGAIN)));
        report.say("longest wait of a reply over its call: %s ms (at most %.0f): %s"
                .formatted(ms(longest), MOST_WAIT_MS, verdict(longest <= MOST_WAIT_MS)));
    }

    private static double longestWait(List<Answer> answers, long from, long to) {
        return answers.stream()
                .filter(answer -> answer.at() >= from && answer.at() < to)
                .mapToDouble(RollingBench::waitMs)
                .max()
                .orElse(Double.NaN);
    }

    /** By the whole seconds since the first restart. */
    private static SortedMap<Long, DoubleSummaryStatistics> waitsBySecond(List<Answer> answers, long begun) {
        return answers.stream()
                .collect(Collectors.groupingBy(
                        answer -> Math.floorDiv(answer.at() - begun, 1_000_000_000L),
                        TreeMap::new,
                        Collectors.summarizingDouble(RollingBench::waitMs)));
    }

    private static double percentile(List<Answer> answers, double share) {
        return ChatLoad.quantile(
                answers.stream().mapToDouble(RollingBench::waitMs).toArray(), share);
    }

    private static double waitMs(Answer answer) {
        return answer.waitedNanos() / 1e6 - CALL_MS;
    }

    private static String ms(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String verdict(boolean isReached) {
        return isReached ? "reached" : "MISSED";
    }
}
