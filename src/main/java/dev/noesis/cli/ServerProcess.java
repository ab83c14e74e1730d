package dev.noesis.cli;

import java.util.concurrent.CountDownLatch;

/**
 * A process that serves until it is asked to stop, by Ctrl-C or a terminate signal. Then it closes what it runs, and ends with
 * exit code 0: to be asked to stop is no failure, as which the JVM would report it (130 or 143).
 *
 * <p><b>Threading.</b> {@link #runUntilStopped} blocks its caller; a shutdown hook's thread closes.
 */
final class ServerProcess {
    private static final int STOPPED = 0;
    private static final int FAILED_TO_STOP = 1;

    private ServerProcess() {}

    /**
     * Blocks for the rest of the process's life.
     *
     * @param close takes as long as it needs; if it throws, the exit code is 1
     */
    static void runUntilStopped(String name, Runnable close) throws InterruptedException {
        closeWhenStopped(name, close);
        new CountDownLatch(1).await();
    }

    /** The same without blocking: for a server that can also end by itself, after which it calls {@code System.exit}. */
    static void closeWhenStopped(String name, Runnable close) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(close), "noesis-" + name + "-stop"));
    }

    private static void end(Runnable close) {
        int status = FAILED_TO_STOP;
        try {
            close.run();
            status = STOPPED;
        } finally {
            // the only way to choose the exit code once a signal has begun the shutdown
            Runtime.getRuntime().halt(status);
        }
    }
}
