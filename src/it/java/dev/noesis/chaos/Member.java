package dev.noesis.chaos;

import dev.noesis.it.JavaProcess;
import dev.noesis.it.JavaProcess.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One process of the cluster, which ends and is started again under its name, with its port and its directory.
 *
 * <p><b>Threading.</b> Any thread; one fault at a time has it to itself, which is the caller's care.
 */
final class Member implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration STOPPED = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Of a process that had no time yet to care for its end. */
    private static final int KILLED_BY_TERM = 128 + 15;

    private final String name;
    private final IntFunction<Program> program;
    private final Pattern ready;
    private @Nullable JavaProcess process;
    private boolean wanted;
    private int starts;

    /**
     * @param program what to start, for the n-th time
     * @param ready what it prints when it serves
     */
    Member(String name, IntFunction<Program> program, Pattern ready) {
        this.name = name;
        this.program = program;
        this.ready = ready;
    }

    String name() {
        return name;
    }

    /** Starts it, unless it runs. */
    synchronized void start() {
        if (process == null || !process.isAlive()) {
            starts++;
            process = JavaProcess.start(program.apply(starts));
        }
        wanted = true;
    }

    /** Waits until it serves, be it that it ends meanwhile, as one that finds no broker does, and is started again. */
    void awaitReady() {
        long end = System.nanoTime() + READY.toNanos();
        JavaProcess waitedFor = running();
        while (true) {
            try {
                waitedFor.awaitOutput(ready, Duration.ofNanos(end - System.nanoTime()));
                return;
            } catch (AssertionError e) {
                if (waitedFor.isAlive() || System.nanoTime() > end) {
                    throw e;
                }
                while (running() == waitedFor && System.nanoTime() < end) {
                    LockSupport.parkNanos(POLL.toNanos());
                }
                waitedFor = running();
            }
        }
    }

    void kill() throws InterruptedException {
        running(false).kill();
    }

    /** Asks it to stop, and waits for its end, for which it has two minutes. */
    void stop() throws InterruptedException {
        JavaProcess stopped = running(false);
        int exit = stopped.stop(STOPPED);
        boolean wasStarting =
                exit == KILLED_BY_TERM && !ready.matcher(stopped.output()).find();
        if (exit != 0 && !wasStarting) {
            throw new IllegalStateException(name + " was told to stop and ended with " + exit);
        }
    }

    void pause() throws IOException, InterruptedException {
        running().signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
        running().signal("CONT");
    }

    /** Whether it has ended although nobody asked it to. */
    synchronized boolean hasFailed() {
        return wanted && process != null && !process.isAlive();
    }

    /** The last line of what it printed. */
    String lastWords() {
        return running().output().lines().reduce("", (_, last) -> last);
    }

    private JavaProcess running() {
        return running(true);
    }

    private synchronized JavaProcess running(boolean stillWanted) {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        wanted = wanted && stillWanted;
        return process;
    }

    /** Kills it if it lives. */
    @Override
    public synchronized void close() {
        wanted = false;
        if (process != null) {
            process.close();
        }
    }
}
