package dev.noesis.bench.llm;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The workloads that load a client, and what they cost it. */
final class Load {
    private static final Duration START_LIMIT = Duration.ofSeconds(10);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);
    private static final Duration UNARY_LIMIT = Duration.ofSeconds(5);
    /** Streams are started at most so fast, for clients that open a connection with each. */
    private static final long START_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final Peer peer;
    private final ServerFigures server;
    private final LongAdder deltas = new LongAdder();
    private final Delays delays = new Delays();

    Load(Peer peer, ServerFigures server) {
        this.peer = peer;
        this.server = server;
    }

    /** Streams of 40 deltas a second each; measured once all have begun. */
    void drip(int streams, Duration span, ObjectNode result) throws Exception {
        OwnProcess.resetPeaks();
        var begun = new Semaphore(0);
        var ended = new Semaphore(0);
        var failures = new LongAdder();
        for (int i = 0; i < streams; i++) {
            peer.ask("drip", new Streamed(begun, ended, failures));
            LockSupport.parkNanos(START_NANOS);
        }
        boolean allBegan = begun.tryAcquire(streams, START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        ServerFigures.Figures before = server.now();
        Window window = new Window();
        TimeUnit.NANOSECONDS.sleep(span.toNanos());
        window.close(result);
        ServerFigures.Figures after = server.now();
        result.put("serverCores", (after.cpuNanos() - before.cpuNanos()) / (double) window.nanos);
        result.put("skipped", after.skipped() - before.skipped());
        result.put("arrived", window.deltas / ((double) window.nanos / 1e9 * streams * Drip.RATE));
        server.end();
        boolean allEnded = ended.tryAcquire(streams, END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        result.put("failures", failures.sum() + (allEnded ? 0 : streams - ended.availablePermits()));
        result.put("notBegun", allBegan ? 0 : streams - begun.availablePermits());
    }

    /** Answers of a fixed length, one after another in so many streams at a time, each as fast as it goes. */
    void flood(int streams, Duration span, ObjectNode result) throws Exception {
        OwnProcess.resetPeaks();
        var going = new AtomicBoolean(true);
        var ended = new Semaphore(0);
        var failures = new LongAdder();
        ServerFigures.Figures before = server.now();
        Window window = new Window();
        for (int i = 0; i < streams; i++) {
            flood(going, ended, failures);
        }
        TimeUnit.NANOSECONDS.sleep(span.toNanos());
        window.close(result);
        ServerFigures.Figures after = server.now();
        result.put("serverCores", (after.cpuNanos() - before.cpuNanos()) / (double) window.nanos);
        going.set(false);
        boolean allEnded = ended.tryAcquire(streams, END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        result.put("failures", failures.sum() + (allEnded ? 0 : streams - ended.availablePermits()));
    }

    private void flood(AtomicBoolean going, Semaphore ended, LongAdder failures) {
        peer.ask("flood", new Streamed(new Semaphore(0), new Semaphore(0), failures) {
            @Override
            void over() {
                if (going.get()) {
                    flood(going, ended, failures);
                } else {
                    ended.release();
                }
            }
        });
    }

    /** Short whole answers, one call after another, at most so many: from the call to its end. */
    void unary(int calls, ObjectNode result) throws Exception {
        OwnProcess.resetPeaks();
        var took = new Delays();
        var failures = new LongAdder();
        long cpu = OwnProcess.cpuNanos();
        long allocated = OwnProcess.allocatedBytes();
        int made = 0;
        boolean answered = true;
        long end = System.nanoTime() + UNARY_LIMIT.toNanos();
        while (made < calls && answered && System.nanoTime() < end) {
            var ended = new Semaphore(0);
            long begun = System.nanoTime();
            peer.ask("unary", new Streamed(new Semaphore(0), ended, failures));
            answered = ended.tryAcquire(CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            took.record((System.nanoTime() - begun) / 1_000);
            made++;
        }
        result.put("p50Micros", took.quantile(0.5));
        result.put("p99Micros", took.quantile(0.99));
        result.put("cpuMicros", (OwnProcess.cpuNanos() - cpu) / 1e3 / made);
        result.put("bytes", (OwnProcess.allocatedBytes() - allocated) / (double) made);
        result.put("threads", OwnProcess.peakThreads());
        result.put("rssMiB", OwnProcess.peakRssMiB());
        result.put("calls", made);
        result.put("failures", failures.sum() + (answered ? 0 : 1));
    }

    /** What a span of time cost. */
    private final class Window {
        private final long deltasBefore;
        private final long allocatedBefore;
        private final long cpuBefore;
        private final long begun;
        private long nanos;
        private long deltas;

        Window() {
            delays.clear();
            deltasBefore = Load.this.deltas.sum();
            allocatedBefore = OwnProcess.allocatedBytes();
            cpuBefore = OwnProcess.cpuNanos();
            begun = System.nanoTime();
        }

        void close(ObjectNode result) throws IOException {
            nanos = System.nanoTime() - begun;
            long cpu = OwnProcess.cpuNanos() - cpuBefore;
            long allocated = OwnProcess.allocatedBytes() - allocatedBefore;
            deltas = Load.this.deltas.sum() - deltasBefore;
            result.put("deltas", deltas);
            result.put("deltasPerSecond", deltas / (nanos / 1e9));
            result.put("cpuMicros", cpu / 1e3 / deltas);
            result.put("cores", cpu / (double) nanos);
            result.put("bytes", allocated / (double) deltas);
            result.put("p50Micros", delays.quantile(0.5));
            result.put("p99Micros", delays.quantile(0.99));
            result.put("threads", OwnProcess.peakThreads());
            result.put("rssMiB", OwnProcess.peakRssMiB());
        }
    }

    /** Hears one stream; some clients tell its end more than once. */
    private class Streamed implements Peer.Ear {
        private final Semaphore begun;
        private final Semaphore ended;
        private final LongAdder failures;
        private final AtomicBoolean over = new AtomicBoolean();
        private boolean heard;

        Streamed(Semaphore begun, Semaphore ended, LongAdder failures) {
            this.begun = begun;
            this.ended = ended;
            this.failures = failures;
        }

        @Override
        public void text(String delta) {
            long sent = Frames.sentMicros(delta);
            if (sent >= 0) {
                deltas.increment();
                delays.record(System.nanoTime() / 1_000 - sent);
            }
            if (!heard) {
                heard = true;
                begun.release();
            }
        }

        @Override
        public void end(@Nullable String failure) {
            if (over.compareAndSet(false, true)) {
                if (failure != null) {
                    failures.increment();
                }
                over();
            }
        }

        void over() {
            ended.release();
        }
    }
}
