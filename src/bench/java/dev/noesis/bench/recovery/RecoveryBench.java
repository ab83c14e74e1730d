package dev.noesis.bench.recovery;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.bench.fleet.ChatLoad.Pace;
import dev.noesis.bench.fleet.Figures;
import dev.noesis.bench.fleet.Fleet;
import dev.noesis.bench.fleet.Report;
import dev.noesis.bench.fleet.Settings;
import dev.noesis.it.WorkerProcess;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of three workers is killed: when do its runs stream again, with and without standbys, by how much state there is and by
 * the session timeout? And which pauses of a worker are taken for its death? {@code mvn -Pbench -Dbench=recovery}.
 *
 * <p>The state is a log of that many agents, which the workers fold once. For each kill their state directories are removed
 * and they restore it from the changelog: so each begins with the partitions evenly spread.
 */
public final class RecoveryBench {
    private static final int WORKERS = 3;
    private static final int PARTITIONS = Settings.number("partitions", 12);
    private static final List<Integer> AGENTS = Settings.numbers("agents", "10000,200000");
    private static final List<Integer> SESSIONS = Settings.numbers("sessions", "10,6,15");
    private static final List<Integer> STANDBYS = Settings.numbers("standbys", "0,1");
    private static final int RUNS = Settings.number("inFlight", 120);
    /** Each as long as {@link #PAUSE}, for each session timeout; 0 for none. */
    private static final int PAUSES = Settings.number("pauses", 2);

    /** What would begin later than this is left out. */
    private static final Duration BUDGET = Duration.ofMinutes(Settings.number("minutes", 10));

    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration FOLD_LIMIT = Duration.ofMinutes(8);
    private static final Duration STABLE = Duration.ofSeconds(5);

    private final Report report = new Report("recovery", "mvn -Pbench -Dbench=recovery");
    private final ArrayNode kills = report.json().putArray("kills");
    private final ArrayNode pauses = report.json().putArray("pauses");
    private final ArrayNode states = report.json().putArray("states");
    private final List<List<String>> killRows = new ArrayList<>();
    private final List<List<String>> pauseRows = new ArrayList<>();
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final long begun = System.nanoTime();
    private int trials;

    private RecoveryBench() {}

    public static void run() throws Exception {
        new RecoveryBench().measure();
    }

    private void measure() throws Exception {
        report.say(
                "%d workers, %d partitions, %d runs in flight; the first session timeout with each number of standbys, the"
                                .formatted(WORKERS, PARTITIONS, RUNS)
                        + " others with one and the least state");
        try (Fleet fleet = Fleet.start(LongRuns.SCRIPT)) {
            for (int agents : AGENTS) {
                if (isInTime(agents + " agents")) {
                    of(fleet, agents);
                }
            }
        } finally {
            report.table(
                    List.of(
                            "agents",
                            "standbys",
                            "session s",
                            "restored in s",
                            "runs of the dead",
                            "first again s",
                            "p50 s",
                            "last s",
                            "not again"),
                    killRows);
            report.table(List.of("session s", "heartbeat s", "pause s", "pauses", "runs paid again"), pauseRows);
            report.write();
        }
    }

    private boolean isInTime(String what) {
        boolean isInTime = System.nanoTime() - begun < BUDGET.toNanos();
        if (!isInTime) {
            report.say("left out, after " + BUDGET.toMinutes() + " minutes: " + what);
        }
        return isInTime;
    }

    private void of(Fleet fleet, int agents) throws Exception {
        String deployment = "of" + agents;
        Topics topics = fleet.deploy(deployment, PARTITIONS);
        MadeState.write(fleet.bootstrapServers(), topics, PARTITIONS, agents);
        long launched = System.nanoTime();
        start(fleet, deployment, 0, SESSIONS.getFirst(), FOLD_LIMIT);
        double folded = seconds(launched);
        ObjectNode state = states.addObject().put("agents", agents).put("foldSeconds", folded);
        measureState(fleet, deployment, topics, agents, state, folded);
        if (agents == AGENTS.getFirst()) {
            measureRun(fleet, topics);
        }
        stop();

        for (int standbys : STANDBYS) {
            kill(fleet, deployment, topics, agents, standbys, SESSIONS.getFirst());
        }
        if (agents == AGENTS.getFirst()) {
            for (int session : SESSIONS.subList(1, SESSIONS.size())) {
                kill(fleet, deployment, topics, agents, 1, session);
            }
            for (int session : PAUSES > 0 ? SESSIONS : List.<Integer>of()) {
                pause(fleet, deployment, topics, session);
            }
        }
    }

    // ---- what there is of an agent, and of a run

    private void measureState(
            Fleet fleet, String deployment, Topics topics, int agents, ObjectNode state, double folded)
            throws Exception {
        long disk = 0;
        for (int i = 0; i < WORKERS; i++) {
            disk += Figures.bytesIn(fleet.stateDir(deployment, i));
        }
        long log = fleet.topicBytes(topics).getOrDefault(topics.mindLog(), 0L);
        long changelog = fleet.topicBytes(topics).entrySet().stream()
                .filter(topic -> topic.getKey().endsWith("-changelog"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        state.put("logBytesPerAgent", log / (double) agents)
                .put("changelogBytesPerAgent", changelog / (double) agents)
                .put("stateBytesPerAgent", disk / (double) agents);
        report.say(
                "%,d agents of one turn, folded in %.1f s; an agent has %,d bytes of mind.log, %,d of changelog (before it is"
                                .formatted(agents, folded, log / agents, changelog / agents)
                        + " compacted) and %,d in the state directories".formatted(disk / agents));
    }

    private void measureRun(Fleet fleet, Topics topics) throws Exception {
        Map<String, Long> before = settledBytes(fleet, topics);
        int runs;
        try (ChatLoad load = ChatLoad.start(fleet.bootstrapServers(), topics, "bytes", 500, Pace.inFlight(50))) {
            Thread.sleep(Duration.ofSeconds(15));
            if (!load.drain(LIMIT)) {
                report.say("not all runs were answered: " + load.unanswered());
            }
            runs = (int) load.answered();
        }
        Map<String, Long> after = settledBytes(fleet, topics);
        Map<String, Double> each = new TreeMap<>();
        after.forEach((topic, bytes) -> {
            double more = (bytes - before.getOrDefault(topic, 0L)) / (double) Math.max(1, runs);
            if (more >= 1) {
                each.put(topic.substring(topic.indexOf('.') + 1), more);
            }
        });
        ObjectNode bytes = report.json().putObject("bytesPerRun");
        each.forEach(bytes::put);
        StringBuilder text = new StringBuilder();
        each.forEach((topic, size) -> text.append(String.format(Locale.ROOT, ", %s %,.0f", topic, size)));
        report.say("a run of one call and 20 words has bytes of" + text.substring(Math.min(1, text.length())) + " ("
                + runs + " runs)");
    }

    /** What the topics have when nothing is written any more: the lanes still answer the runs that were made with the state. */
    private static Map<String, Long> settledBytes(Fleet fleet, Topics topics) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        Map<String, Long> before = Map.of();
        Map<String, Long> now = fleet.topicBytes(topics);
        while (!now.equals(before) && System.nanoTime() < end) {
            Thread.sleep(Duration.ofSeconds(2));
            before = now;
            now = fleet.topicBytes(topics);
        }
        return now;
    }

    // ---- a death

    private void kill(Fleet fleet, String deployment, Topics topics, int agents, int standbys, int session)
            throws Exception {
        if (!isInTime("the kill with " + standbys + " standbys and a session of " + session + " s")) {
            return;
        }
        fleet.forget(deployment);
        long launched = System.nanoTime();
        start(fleet, deployment, standbys, session, LIMIT);
        double restored = seconds(launched);
        if (standbys > 0) {
            awaitStandbys(fleet, deployment);
        }
        try (LongRuns runs = new LongRuns(fleet.bootstrapServers(), topics, "kill" + trials++, RUNS)) {
            runs.begin(LIMIT);
            Map<WorkerProcess, Integer> calls = new HashMap<>();
            workers.forEach(worker -> calls.put(
                    worker, (int) Figures.of(worker.http()).sum("noesis_model_calls_in_flight", "lane=\"chat\"")));
            WorkerProcess victim =
                    workers.stream().max(Comparator.comparing(calls::get)).orElseThrow();
            int lost = calls.getOrDefault(victim, 0);
            long killed = System.nanoTime();
            victim.kill();
            List<Double> again = runs.awaitAgain(lost, LIMIT).stream()
                    .map(at -> (at - killed) / 1e9)
                    .toList();
            kills.addObject()
                    .put("agents", agents)
                    .put("standbys", standbys)
                    .put("sessionSeconds", session)
                    .put("restoreSeconds", restored)
                    .put("runs", lost)
                    .put("again", again.size())
                    .put("firstSeconds", at(again, 0))
                    .put("p50Seconds", at(again, 0.5))
                    .put("lastSeconds", at(again, 1));
            killRows.add(List.of(
                    Integer.toString(agents),
                    Integer.toString(standbys),
                    Integer.toString(session),
                    text(restored),
                    Integer.toString(lost),
                    text(at(again, 0)),
                    text(at(again, 0.5)),
                    text(at(again, 1)),
                    Integer.toString(lost - again.size())));
            Report.progress("killed " + killRows.getLast());
            workers.remove(victim);
            runs.cancel(LIMIT);
        }
        stop();
    }

    /** A worker that sleeps for a while: its runs are paid again if the group took it for dead. */
    private void pause(Fleet fleet, String deployment, Topics topics, int session) throws Exception {
        if (!isInTime("the pauses with a session of " + session + " s")) {
            return;
        }
        fleet.forget(deployment);
        start(fleet, deployment, 1, session, LIMIT);
        awaitStandbys(fleet, deployment);
        try (LongRuns runs = new LongRuns(fleet.bootstrapServers(), topics, "pause" + trials++, RUNS)) {
            runs.begin(LIMIT);
            for (int i = 0; i < PAUSES; i++) {
                WorkerProcess sleeper = workers.get(i % WORKERS);
                sleeper.signal("STOP");
                var _ = runs.watch(PAUSE);
                sleeper.signal("CONT");
                var _ = runs.watch(Duration.ofSeconds(8));
            }
            int again = runs.watch(Duration.ZERO);
            pauses.addObject()
                    .put("sessionSeconds", session)
                    .put("heartbeatSeconds", heartbeat(session) / 1_000.0)
                    .put("pauseSeconds", PAUSE.toSeconds())
                    .put("pauses", PAUSES)
                    .put("runsPaidAgain", again);
            pauseRows.add(List.of(
                    Integer.toString(session),
                    text(heartbeat(session) / 1_000.0),
                    Long.toString(PAUSE.toSeconds()),
                    Integer.toString(PAUSES),
                    Integer.toString(again)));
            Report.progress("paused " + pauseRows.getLast());
            runs.cancel(LIMIT);
        }
        stop();
    }

    // ---- the workers

    private void start(Fleet fleet, String deployment, int standbys, int session, Duration limit) {
        for (int i = 0; i < WORKERS; i++) {
            workers.add(fleet.launch(
                    deployment,
                    i,
                    Map.of(
                            "lanes",
                            "chat",
                            "chat.max.in.flight",
                            Integer.toString(2 * RUNS),
                            "kafka.num.standby.replicas",
                            Integer.toString(standbys),
                            "kafka.session.timeout.ms",
                            Integer.toString(session * 1_000),
                            "kafka.heartbeat.interval.ms",
                            Integer.toString(heartbeat(session)))));
        }
        workers.forEach(worker -> worker.awaitReady(limit));
    }

    /** A quarter of the session, as the worker has it by default. */
    private static int heartbeat(int session) {
        return session * 1_000 / 4;
    }

    /** They are not told of in metrics: their files have stopped to grow when they have caught up. */
    private static void awaitStandbys(Fleet fleet, String deployment) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        long size = -1;
        long since = System.nanoTime();
        while (System.nanoTime() < Math.min(end, since + STABLE.toNanos())) {
            long now = 0;
            for (int i = 0; i < WORKERS; i++) {
                now += Figures.bytesIn(fleet.stateDir(deployment, i));
            }
            if (now != size) {
                size = now;
                since = System.nanoTime();
            }
            Thread.sleep(500);
        }
    }

    private void stop() throws InterruptedException {
        for (WorkerProcess worker : workers) {
            var _ = worker.stop(LIMIT);
        }
        workers.clear();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.1f", value);
    }
}
