package dev.noesis.bench.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How much one worker carries, what it adds to the model's time, and what that costs, beside others that do the same.
 *
 * <p>First the model is called directly, which is the measure of all delays. Then each subject in turn gets a process and
 * topics of its own, a warm-up, an open loop of a few runs a second for the delays, and closed loops of more and more runs in
 * flight for the throughput. At last workers share partitions, and are asked for more than they may take on.
 */
public final class LoadBench {
    private static final int WARM_UP_IN_FLIGHT = 256;
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private final LoadSettings settings;
    private final Processes processes;
    private final Backends backends;
    private final Report report;

    private LoadBench(LoadSettings settings, Processes processes, Backends backends, Report report) {
        this.settings = settings;
        this.processes = processes;
        this.backends = backends;
        this.report = report;
    }

    public static void run() throws Exception {
        LoadSettings settings = LoadSettings.fromSystemProperties();
        Path dir = Path.of(System.getProperty("bench.dir", "target/bench"));
        Report report = new Report(settings);
        try (Processes processes = new Processes(dir)) {
            new LoadBench(settings, processes, Backends.start(processes), report).measure();
        }
        report.write(dir);
    }

    private void measure() throws Exception {
        report.begin();
        for (Subject subject : settings.subjects()) {
            if (subject == Subject.DIRECT) {
                direct();
            } else {
                subject(subject);
            }
        }
        for (int workers : settings.workers()) {
            scale(workers);
        }
    }

    private void direct() throws Exception {
        DirectTarget target = new DirectTarget(Rival.client(backends.modelUrl(), settings.mostInFlight()));
        try (Load load = new Load("direct", target)) {
            target.onToken(load::token);
            warmUp(load, Subject.DIRECT, List.of());
            delays(Subject.DIRECT, List.of(), 0, load);
            for (int inFlight : settings.inFlight()) {
                if (Subject.DIRECT.takes(inFlight)) {
                    throughput(Subject.DIRECT, inFlight, List.of(), 0, null, load);
                }
            }
        }
    }

    private void subject(Subject subject) throws Exception {
        try (Started started = Started.start(
                        subject, 1, LoadSettings.PARTITIONS, settings.mostInFlight(), settings, backends, processes);
                Load load = load(started)) {
            warmUp(load, subject, started.processes());
            Memory idle = Memory.of(started.processes());
            if (subject != Subject.BLOCKING) {
                try (FirstTokens _ = firstTokens(started, LoadSettings.PARTITIONS, load)) {
                    delays(subject, started.processes(), started.partitions(), load);
                }
            }
            for (int inFlight : settings.inFlight()) {
                if (subject.takes(inFlight)) {
                    try (FirstTokens _ = firstTokens(started, 1, load)) {
                        throughput(subject, inFlight, started.processes(), started.partitions(), idle, load);
                    }
                }
            }
        }
    }

    /** Workers that may take on so much each, and twice as much to do: what they do is what they can. */
    private void scale(int workers) throws Exception {
        int most = workers * settings.perWorker();
        try (Started started = Started.start(
                        Subject.NOESIS,
                        workers,
                        LoadSettings.SCALE_PARTITIONS,
                        settings.perWorker(),
                        settings,
                        backends,
                        processes);
                Load load = load(started)) {
            load.keep(2 * most);
            seconds(load, settings.warmUpSeconds());
            for (int round = 1; round <= settings.rounds(); round++) {
                Row row = new Row(Row.SCALE, Subject.NOESIS, most, workers, started.partitions(), round);
                Measured measured = window(load, started.processes(), settings.seconds());
                measured.tell(row);
                measured.tellIdeal(row, most);
                report.add(row);
            }
        }
    }

    private Load load(Started started) {
        String name = started.subject().id() + started.processes().size();
        return new Load(name, new KafkaTarget(backends.bootstrapServers(), started.topics(), started.partitions()));
    }

    private FirstTokens firstTokens(Started started, int partitions, Load load) {
        return new FirstTokens(
                backends.bootstrapServers(),
                started.topics(),
                IntStream.range(0, partitions).boxed().toList(),
                load);
    }

    private void warmUp(Load load, Subject subject, List<Child> children) throws InterruptedException {
        // One at a time warms nothing up, however long it goes on; and of the driver little is asked.
        boolean isLong = subject != Subject.BLOCKING && subject != Subject.DIRECT;
        load.keep(subject == Subject.BLOCKING ? 1 : WARM_UP_IN_FLIGHT);
        seconds(load, isLong ? settings.warmUpSeconds() : settings.settleSeconds());
        report.drained(subject, children, load.stop(DRAIN));
    }

    private void delays(Subject subject, List<Child> children, int partitions, Load load) throws InterruptedException {
        if (settings.delaySeconds() == 0) {
            return;
        }
        load.begin(LoadSettings.DELAY_RUNS_PER_SECOND);
        seconds(load, 3);
        int inFlight = (int) (LoadSettings.DELAY_RUNS_PER_SECOND * LoadSettings.RUN_SECONDS);
        Row row = new Row(Row.DELAY, subject, inFlight, children.size(), partitions, 1);
        Measured measured = window(load, children, settings.delaySeconds());
        measured.tell(row);
        measured.tellDelays(row, report.direct());
        report.add(row);
        report.drained(subject, children, load.stop(DRAIN));
    }

    private void throughput(
            Subject subject, int inFlight, List<Child> children, int partitions, @Nullable Memory idle, Load load)
            throws InterruptedException {
        load.keep(inFlight);
        seconds(load, settings.settleSeconds());
        for (int round = 1; round <= settings.rounds(); round++) {
            Row row = new Row(Row.THROUGHPUT, subject, inFlight, children.size(), partitions, round);
            // It takes a record of each partition before it commits: its replies come in bursts.
            int seconds = subject == Subject.BLOCKING ? 3 * settings.seconds() : settings.seconds();
            Measured measured = window(load, children, seconds);
            measured.tell(row);
            measured.tellIdeal(row, inFlight);
            measured.tellDelays(row, report.direct());
            if (idle != null) {
                // while the load goes on
                Measured.tellMemory(row, idle, Memory.of(children), inFlight);
            }
            report.add(row);
        }
        report.drained(subject, children, load.stop(subject == Subject.BLOCKING ? Duration.ZERO : DRAIN));
    }

    private Measured window(Load load, List<Child> children, int seconds) throws InterruptedException {
        Costs before = Costs.now(children, backends);
        Window window = load.listen(Duration.ofSeconds(seconds));
        children.forEach(Child::requireAlive);
        return new Measured(window, Costs.now(children, backends).since(before), seconds);
    }

    private static void seconds(Load load, int seconds) throws InterruptedException {
        var _ = load.listen(Duration.ofSeconds(seconds));
    }
}
