package dev.noesis.chaos;

import dev.noesis.chaos.Schedule.Planned;
import dev.noesis.check.KafkaHistory;
import dev.noesis.topics.Topics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** One run: load, faults, and when all is still again, the verdict. */
final class ChaosRun {
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration BROKERS_ANSWER = Duration.ofSeconds(60);

    private final Shape shape;
    private final Schedule schedule;
    private final PrintStream out;
    private final Ledger ledger = new Ledger();
    private final Incidents incidents = new Incidents();
    private final Map<String, Lock> locks = new ConcurrentHashMap<>();
    private long began;

    ChaosRun(Shape shape, Schedule schedule, PrintStream out) {
        this.shape = shape;
        this.schedule = schedule;
        this.out = out;
    }

    Report run() throws Exception {
        Cluster cluster = new Cluster(shape);
        Thread end = new Thread(cluster::close);
        Runtime.getRuntime().addShutdownHook(end);
        try (cluster) {
            cluster.start();
            try (var _ = new Watch(
                            cluster.bootstrapServers(), cluster.deployment().topics(), ledger);
                    Load load = new Load(cluster.deployment(), ledger, shape);
                    Keeper keeper = new Keeper(cluster, incidents)) {
                began = System.nanoTime();
                load.start();
                happen(new Scene(cluster, load));
                say("faults end", "", "");
                load.stop();
                boolean drained = drain(cluster);
                say(drained ? "drained" : "not drained", "", "");
                keeper.leave();
                stop(cluster);
                return Report.of(shape, ledger, incidents, verdict(cluster, load), drained);
            }
        } finally {
            Runtime.getRuntime().removeShutdownHook(end);
        }
    }

    private static Verdict verdict(Cluster cluster, Load load) {
        Map<String, String> kafka = Map.of("bootstrap.servers", cluster.bootstrapServers());
        Topics topics = cluster.deployment().topics();
        try (KafkaHistory history = KafkaHistory.open(kafka, topics, BROKERS_ANSWER)) {
            return Verdict.of(history, load.foreign());
        }
    }

    /** Every fault at its time, on a thread of its own; returns when the last is over. */
    private void happen(Scene scene) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Planned planned : schedule.planned()) {
            until(planned.at());
            threads.add(Thread.ofVirtual().start(() -> inject(planned.fault(), scene)));
        }
        until(shape.length());
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void inject(Fault fault, Scene scene) {
        String impossible = fault.impossible(scene.cluster());
        if (impossible != null) {
            incidents.skipped(fault.kind(), impossible);
            return;
        }
        List<Lock> needed = fault.needs().stream()
                .sorted()
                .map(name -> locks.computeIfAbsent(name, _ -> new ReentrantLock()))
                .toList();
        needed.forEach(Lock::lock);
        try {
            if (elapsed().compareTo(shape.length()) > 0) {
                // what it needs was in use until the time was over
                return;
            }
            ledger.struck(fault.kind(), fault.concerned(scene.cluster()));
            incidents.struck(fault.kind());
            say(fault.kind(), fault.what(), "");
            fault.inject(scene);
        } catch (Exception | AssertionError e) {
            incidents.failed(fault.kind() + " (" + fault.what() + "): " + e);
            say(fault.kind(), fault.what(), "could not be put right: " + firstLine(e));
        } finally {
            needed.forEach(Lock::unlock);
        }
    }

    private boolean drain(Cluster cluster) throws Exception {
        long end = System.nanoTime() + shape.drain().toNanos();
        cluster.members().forEach(Member::start);
        while (!ledger.open().isEmpty() || !cluster.groups().areCaughtUp()) {
            if (System.nanoTime() > end) {
                ledger.open().stream().limit(20).forEach(id -> incidents.failed("no answer to " + id));
                return false;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    private void stop(Cluster cluster) throws InterruptedException {
        for (Member worker : cluster.workers()) {
            try {
                worker.stop();
            } catch (IllegalStateException | AssertionError e) {
                incidents.failed(String.valueOf(firstLine(e)));
            }
        }
    }

    private void until(Duration at) throws InterruptedException {
        long left = began + at.toNanos() - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private synchronized void say(String kind, String whom, String more) {
        Duration elapsed = elapsed();
        out.printf(
                "%02d:%02d  %-30s %-36s %5d asked %5d answered %4d open  %s%n",
                elapsed.toMinutes(),
                elapsed.toSecondsPart(),
                kind,
                whom,
                ledger.asked(),
                ledger.answered(),
                ledger.asked() - ledger.answered(),
                more);
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
}
