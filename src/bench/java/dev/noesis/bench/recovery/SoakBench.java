package dev.noesis.bench.recovery;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.bench.fleet.ChatLoad.Pace;
import dev.noesis.bench.fleet.Figures;
import dev.noesis.bench.fleet.Fleet;
import dev.noesis.bench.fleet.Report;
import dev.noesis.bench.fleet.Settings;
import dev.noesis.bench.recovery.Trend.Sample;
import dev.noesis.it.WorkerProcess;
import dev.noesis.topics.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One worker at half the load that it can take, for long: does anything of it grow?
 * {@code mvn -Pbench -Dbench=soak -Dminutes=30}.
 */
public final class SoakBench {
    private static final int MINUTES = Settings.number("minutes", 30);
    private static final int IN_FLIGHT = Settings.number("inFlight", 1_000);
    private static final int PARTITIONS = Settings.number("partitions", 8);
    private static final int CALL_MS = Settings.number("callMs", 2_000);
    /** Runs a second; 0: half of what full load reaches. */
    private static final double RATE = Settings.decimal("rate", 0);

    private static final Duration FULL_LOAD = Duration.ofSeconds(Settings.number("warmUp", 60));
    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final int WINDOW_MINUTES = 5;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** The default of {@code store.memory.bytes}: below it, more is no leak. */
    private static final double STORE_MEMORY = 64 * 1024 * 1024;

    /** What is left out of the trend: caches fill, code is compiled. */
    private static final double SETTLING = 0.2;

    /** So Netty's buffers count among the JVM's direct ones. */
    private static final String COUNTED_BUFFERS = "-Dio.netty.maxDirectMemory=0";

    /** A series: its name, and its unit's size. */
    private enum Series {
        HEAP("heap after GC MB", 1e6),
        DIRECT("direct MB", 1e6),
        THREADS("threads", 1),
        DESCRIPTORS("descriptors", 1),
        RSS("RSS MB", 1e6),
        STORES("RocksDB MB", 1e6);

        private final String title;
        private final double unit;

        Series(String title, double unit) {
            this.title = title;
            this.unit = unit;
        }
    }

    private final Report report = new Report("soak", "mvn -Pbench -Dbench=soak -Dminutes=" + MINUTES);
    private final Map<Series, List<Sample>> samples = new LinkedHashMap<>();
    private final List<Sample> answered = new ArrayList<>();

    private SoakBench() {}

    public static void run() throws Exception {
        new SoakBench().measure();
    }

    private void measure() throws Exception {
        try (Fleet fleet = Fleet.start(RollingBench.script(CALL_MS))) {
            Topics topics = fleet.deploy("soak", PARTITIONS);
            WorkerProcess worker = fleet.launch(
                    "soak",
                    0,
                    Map.of(
                            "lanes",
                            Settings.text("lanes", "chat,heartbeat"),
                            "chat.max.in.flight",
                            Integer.toString(IN_FLIGHT)),
                    COUNTED_BUFFERS);
            worker.awaitReady(LIMIT);
            double full = fullLoad(fleet, topics);
            double rate = RATE > 0 ? RATE : full / 2;
            report.say(
                    "full load, %d runs of %.1f s in flight: %.1f runs/s; soaked at %.1f runs/s for %d minutes, in threads of"
                                    .formatted(IN_FLIGHT, CALL_MS / 1_000.0, full, rate, MINUTES)
                            + " their own; heap -Xmx%s".formatted(Settings.text("heap", "512m")));
            try (ChatLoad load =
                    ChatLoad.start(fleet.bootstrapServers(), topics, "soak", 10_000, Pace.perSecond(rate))) {
                soak(worker, load);
                boolean isDrained = load.drain(LIMIT);
                long failed = load.answers().stream()
                        .filter(answer -> !answer.isSuccess())
                        .count();
                report.say("%,d runs, %d failed, %d unanswered%s"
                        .formatted(load.sent(), failed, load.unanswered(), isDrained ? "" : " (not drained)"));
                report.json()
                        .put("fullRunsPerSecond", full)
                        .put("runsPerSecond", rate)
                        .put("minutes", MINUTES)
                        .put("runs", load.sent())
                        .put("failed", failed)
                        .put("unanswered", load.unanswered());
            }
            report.json().put("stateBytes", Figures.bytesIn(fleet.stateDir("soak", 0)));
            ObjectNode bytes = report.json().putObject("topicBytes");
            fleet.topicBytes(topics).forEach(bytes::put);
        }
        tell();
        report.write();
    }

    /** How many runs a second it answers with as many in flight as it may have; the first half warms it up. */
    private static double fullLoad(Fleet fleet, Topics topics) throws InterruptedException {
        if (RATE > 0) {
            return Double.NaN;
        }
        try (ChatLoad load =
                ChatLoad.start(fleet.bootstrapServers(), topics, "full", 10_000, Pace.inFlight(IN_FLIGHT))) {
            Thread.sleep(FULL_LOAD.dividedBy(2));
            long before = load.answered();
            Thread.sleep(FULL_LOAD.dividedBy(2));
            double reached = (load.answered() - before) / (FULL_LOAD.toMillis() / 2_000.0);
            if (!load.drain(LIMIT)) {
                throw new IllegalStateException("full load left " + load.unanswered() + " runs unanswered");
            }
            return reached;
        }
    }

    private void soak(WorkerProcess worker, ChatLoad load) throws Exception {
        long begun = System.nanoTime();
        long end = begun + Duration.ofMinutes(MINUTES).toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            Thread.sleep(Duration.ofNanos(Math.max(0, begun + (i + 1L) * EVERY.toNanos() - System.nanoTime())));
            boolean isCollected = i % 6 == 5;
            if (isCollected) {
                collect(worker.pid());
            }
            double hour = (System.nanoTime() - begun) / 3.6e12;
            Figures figures = Figures.of(worker.http());
            if (isCollected) {
                add(Series.HEAP, hour, figures.sum("jvm_memory_used_bytes", "area=\"heap\""));
            }
            add(Series.DIRECT, hour, figures.sum("jvm_buffer_memory_used_bytes", "id=\"direct\""));
            add(Series.THREADS, hour, figures.sum("jvm_threads_live_threads"));
            add(Series.DESCRIPTORS, hour, Figures.descriptors(worker.pid()));
            add(Series.RSS, hour, Figures.rss(worker.pid()));
            add(Series.STORES, hour, figures.sum("noesis_stores_memory_bytes"));
            answered.add(new Sample(hour, load.answered()));
            if (isCollected) {
                Report.progress("%.0f min, %,d answered, %s".formatted(hour * 60, load.answered(), latest()));
            }
        }
    }

    private String latest() {
        return String.join(
                ", ",
                samples.entrySet().stream()
                        .map(series -> series.getKey().title + " "
                                + text(
                                        series.getKey(),
                                        series.getValue().getLast().value()))
                        .toList());
    }

    private void add(Series series, double hour, double value) {
        samples.computeIfAbsent(series, _ -> new ArrayList<>()).add(new Sample(hour, value));
    }

    private static void collect(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!jcmd.waitFor(30, TimeUnit.SECONDS)) {
            jcmd.destroyForcibly();
        }
    }

    // ---- what it shows

    private void tell() {
        List<String> head = new ArrayList<>(List.of("minutes", "runs/s"));
        samples.keySet().forEach(series -> head.add(series.title));
        List<List<String>> rows = new ArrayList<>();
        ArrayNode windows = report.json().putArray("windows");
        for (int from = 0; from < MINUTES; from += WINDOW_MINUTES) {
            double begin = from / 60.0;
            double end = Math.min(MINUTES, from + WINDOW_MINUTES) / 60.0 + 1e-4;
            ObjectNode window = windows.addObject().put("fromMinute", from);
            List<String> row = new ArrayList<>(List.of(from + " to " + Math.min(MINUTES, from + WINDOW_MINUTES)));
            List<Sample> of = within(answered, begin, end);
            double perSecond = of.size() < 2
                    ? Double.NaN
                    : (of.getLast().value() - of.getFirst().value())
                            / (of.getLast().hour() - of.getFirst().hour())
                            / 3_600;
            row.add(String.format(Locale.ROOT, "%.1f", perSecond));
            window.put("runsPerSecond", perSecond);
            samples.forEach((series, all) -> {
                double mean = within(all, begin, end).stream()
                        .mapToDouble(Sample::value)
                        .average()
                        .orElse(Double.NaN);
                window.put(series.name().toLowerCase(Locale.ROOT), mean);
                row.add(text(series, mean));
            });
            rows.add(row);
        }
        report.table(head, rows);
        trends();
    }

    private void trends() {
        List<List<String>> rows = new ArrayList<>();
        ObjectNode trends = report.json().putObject("trends");
        samples.forEach((series, all) -> {
            Trend trend = Trend.of(within(all, SETTLING * MINUTES / 60, Double.MAX_VALUE));
            double most = all.stream().mapToDouble(Sample::value).max().orElse(0);
            boolean isFilling = series == Series.STORES && most <= STORE_MEMORY;
            String verdict = !trend.isRising() ? "flat" : isFilling ? "fills up to its bound" : "RISING";
            trends.putObject(series.name().toLowerCase(Locale.ROOT))
                    .put("mean", trend.mean())
                    .put("perHour", trend.perHour())
                    .put("error", trend.error())
                    .put("verdict", verdict);
            rows.add(List.of(
                    series.title,
                    text(series, trend.mean()),
                    text(series, trend.perHour()) + " ± " + text(series, trend.error()),
                    verdict));
        });
        report.table(List.of("", "mean", "more per hour", "verdict"), rows);
        report.say(
                "The trend is a line through all samples but those of the first %.0f %%; it rises where it is beyond four"
                                .formatted(100 * SETTLING)
                        + " standard errors and 3 % of the mean over the time measured.");
    }

    private static List<Sample> within(List<Sample> all, double from, double to) {
        return all.stream()
                .filter(sample -> sample.hour() >= from && sample.hour() < to)
                .toList();
    }

    private static String text(Series series, double value) {
        return String.format(Locale.ROOT, "%,.1f", value / series.unit);
    }
}
