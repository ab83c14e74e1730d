package dev.noesis.bench.load;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps runs in flight: as many as are asked for, each followed by the next when it ends, or so many begun a second whatever
 * becomes of them.
 *
 * <p><b>Threading.</b> Any thread may ask; a thread of its own sends and hears.
 */
final class Load implements AutoCloseable {
    private static final long LONGEST_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int OPEN_SLOTS = 1_000;

    /** What is to be sent; the n-th run is due after n times {@code everyNanos}. */
    private record Plan(long from, long everyNanos, int slots, boolean renewed) {
        boolean hasMore(int begun) {
            return !renewed || begun < slots;
        }

        long dueAt(int begun) {
            return from + begun * everyNanos;
        }
    }

    private record Run(Plan plan, int slot, long sentAt) {}

    private final String name;
    private final Target target;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    /** Runs whose first token is still to come. */
    private final Map<String, Run> silent = new ConcurrentHashMap<>();

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Plan plan;
    private volatile @Nullable Window window;
    private volatile boolean closed;
    private volatile @Nullable Exception failure;
    private long sent;

    /** @param name begins the runs' ids */
    Load(String name, Target target) {
        this.name = name;
        this.target = target;
        this.thread = Thread.ofPlatform().daemon().name("load").start(this::work);
    }

    /** Keeps that many in flight; they begin spread over the time of one, so that they do not end at once. */
    void keep(int inFlight) {
        long every = (long) (LoadSettings.RUN_SECONDS * 1e9 / inFlight);
        plan = new Plan(System.nanoTime(), every, inFlight, true);
    }

    /** Begins that many a second. */
    void begin(int perSecond) {
        plan = new Plan(System.nanoTime(), 1_000_000_000L / perSecond, OPEN_SLOTS, false);
    }

    /** Begins none any more, and waits for those in flight. How many did not end in time. */
    int stop(Duration limit) throws InterruptedException {
        plan = null;
        long until = System.nanoTime() + limit.toNanos();
        while (!runs.isEmpty() && System.nanoTime() < until && failure == null) {
            Thread.sleep(20);
        }
        int left = runs.size();
        runs.clear();
        silent.clear();
        return left;
    }

    /** What is heard from now on, for that long. */
    Window listen(Duration length) throws InterruptedException {
        Window now = new Window();
        window = now;
        if (ended.await(length.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the load broke off", failure);
        }
        window = null;
        return now;
    }

    /** A piece of that run's answer was heard. */
    void token(String runId, long at) {
        Run run = silent.remove(runId);
        Window now = window;
        if (run != null && now != null) {
            now.firstToken(run.sentAt(), at);
        }
    }

    private void work() {
        Plan current = null;
        int begun = 0;
        try {
            while (!closed) {
                if (plan != current) {
                    current = plan;
                    begun = 0;
                }
                long wait = LONGEST_POLL_NANOS;
                while (current != null && current.hasMore(begun)) {
                    wait = Math.min(wait, current.dueAt(begun) - System.nanoTime());
                    if (wait > 0) {
                        break;
                    }
                    send(current, begun++ % current.slots());
                    wait = LONGEST_POLL_NANOS;
                }
                target.poll(Duration.ofNanos(wait), this::ended);
            }
        } catch (Exception e) {
            failure = e;
        } finally {
            ended.countDown();
            target.close();
        }
    }

    private void send(Plan current, int slot) {
        String runId = name + "-" + sent++;
        Run run = new Run(current, slot, System.nanoTime());
        runs.put(runId, run);
        silent.put(runId, run);
        target.send(runId, slot);
    }

    private void ended(String runId, long at, boolean isAnswer) {
        Run run = runs.remove(runId);
        if (run == null) {
            return;
        }
        silent.remove(runId);
        Window now = window;
        if (now != null) {
            now.reply(run.sentAt(), at, isAnswer);
        }
        if (run.plan().renewed() && run.plan() == plan) {
            send(run.plan(), run.slot());
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
