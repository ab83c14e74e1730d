package dev.noesis.cli;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cancels the run that goes on when the process is asked to stop, and holds the end back until its reply was shown.
 *
 * <p>It is a shutdown hook, so that Ctrl-C and a terminate signal are alike, and the process ends with the exit code that the
 * platform gives to either.
 *
 * <p><b>Threading.</b> The command's thread starts and ends runs; the hook has a thread of its own.
 */
final class InterruptedRun implements AutoCloseable {
    private static final long LONGEST_WAIT_S = 10;

    private final Thread hook = new Thread(this::cancel, "noesis-cancel");
    /** Held while a run goes on. */
    private final Semaphore idle = new Semaphore(1);

    private volatile ChatClient.@Nullable Run run;

    InterruptedRun() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    void started(ChatClient.Run started) throws InterruptedException {
        idle.acquire();
        run = started;
    }

    void ended() {
        run = null;
        idle.release();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it runs
        }
    }

    private void cancel() {
        ChatClient.Run current = run;
        if (current == null) {
            return;
        }
        try {
            current.cancel("interrupted by the user");
            if (idle.tryAcquire(LONGEST_WAIT_S, TimeUnit.SECONDS)) {
                idle.release();
            }
        } catch (CommandException e) {
            // the run goes on without us; the process was asked to end
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
