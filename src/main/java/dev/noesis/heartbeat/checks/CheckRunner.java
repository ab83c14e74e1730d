package dev.noesis.heartbeat.checks;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/**
 * Looks of checks that block, each on a virtual thread of its own, beside one that waits for room and ends the look when its
 * time is up.
 *
 * <p>A look that was interrupted and does not end has given its room back, so that it holds up no other check; but while three
 * looks of one check go on like that, no more of that check begin.
 *
 * <p><b>Threading.</b> May be called from any thread; nothing but {@link #close} waits. A lock guards the books; checks and the
 * hook run outside of it.
 */
public final class CheckRunner implements AutoCloseable {
    static final int MAX_STUCK = 3;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final Semaphore room;
    private final Runnable onDone;
    private final Map<String, Flight> flights = new HashMap<>();
    /** Interrupted, and not over. */
    private final Set<Flight> stuck = new HashSet<>();

    private List<Looked> done = new ArrayList<>();
    private boolean closed;

    /**
     * @param room of looks at once; may be shared with other runners
     * @param onDone is run when there is something to drain, on a thread that may not be kept waiting
     */
    public CheckRunner(Semaphore room, Runnable onDone) {
        this.room = room;
        this.onDone = onDone;
    }

    /** A look, from when it was asked for until it is over. */
    private final class Flight implements Runnable {
        private final String key;
        private final Check check;
        private final View view;
        private final CountDownLatch over = new CountDownLatch(1);
        private final Thread waiting = named("-wait").unstarted(this);

        Flight(String key, Check check, View view) {
            this.key = key;
            this.check = check;
            this.view = view;
        }

        private Thread.Builder named(String suffix) {
            return Thread.ofVirtual().name("noesis-check" + suffix);
        }

        @Override
        public void run() {
            try {
                room.acquire();
            } catch (InterruptedException e) {
                // cancelled before it began
                over.countDown();
                return;
            }
            try {
                if (isWanted(this)) {
                    waitFor(named("").start(this::look));
                } else {
                    over.countDown();
                }
            } finally {
                room.release();
            }
        }

        private void waitFor(Thread look) {
            long limit = check.timeout().toMillis();
            boolean counts = false;
            try {
                if (over.await(limit, MILLISECONDS)) {
                    return;
                }
                counts = settle(this, Looked.timedOut(key, check.name(), limit));
            } catch (InterruptedException e) {
                // cancelled, and nobody is told
            }
            abandon(this);
            look.interrupt();
            if (counts) {
                onDone.run();
            }
        }

        private void look() {
            boolean counts;
            try {
                counts = settle(this, Looks.look(key, check, view));
            } finally {
                isOver(this);
            }
            if (counts) {
                onDone.run();
            }
        }
    }

    /**
     * Begins a look as soon as there is room. Its time counts from then. A look with the same key that is under way is
     * cancelled.
     */
    public void launch(String key, Check check, View view) {
        synchronized (this) {
            if (closed) {
                return;
            }
            forget(key);
            if (stuckOf(check.name()) < MAX_STUCK) {
                Flight flight = new Flight(key, check, view);
                flights.put(key, flight);
                flight.waiting.start();
                return;
            }
            done.add(Looked.failed(
                    key,
                    check.name(),
                    0,
                    MAX_STUCK + " of its looks go on though their time is up, so no more are begun"));
        }
        onDone.run();
    }

    /** The looks that are over, in the order in which they ended; each once. */
    public synchronized List<Looked> drain() {
        List<Looked> drained = done;
        done = new ArrayList<>();
        return drained;
    }

    /** Ends that look, if there is one; nothing of it will be drained. */
    public synchronized void cancel(String key) {
        forget(key);
    }

    /** How many looks have been launched and are not over, as far as anybody is told. */
    public synchronized int underWay() {
        return flights.size();
    }

    /** Ends all looks, and waits until they have ended, for a second at most. Nothing is launched or drained any more. */
    @Override
    public void close() {
        List<Flight> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(stuck);
            left.addAll(flights.values());
            flights.values().forEach(flight -> flight.waiting.interrupt());
            flights.clear();
            done.clear();
        }
        long end = System.nanoTime() + CLOSE_LIMIT.toNanos();
        try {
            for (Flight flight : left) {
                if (!flight.over.await(end - System.nanoTime(), NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** With the lock. */
    private void forget(String key) {
        Flight flight = flights.remove(key);
        if (flight != null) {
            flight.waiting.interrupt();
        }
        done.removeIf(looked -> looked.key().equals(key));
    }

    private long stuckOf(String check) {
        return stuck.stream()
                .filter(flight -> flight.check.name().equals(check))
                .count();
    }

    private synchronized boolean isWanted(Flight flight) {
        return flights.get(flight.key) == flight;
    }

    /** Of what is said of a look the first counts, and of one that was cancelled nothing; says whether this does. */
    private synchronized boolean settle(Flight flight, Looked looked) {
        boolean counts = flights.remove(flight.key, flight);
        if (counts) {
            done.add(looked);
        }
        return counts;
    }

    private synchronized void abandon(Flight flight) {
        if (flight.over.getCount() > 0) {
            stuck.add(flight);
        }
    }

    private synchronized void isOver(Flight flight) {
        flight.over.countDown();
        stuck.remove(flight);
    }
}
