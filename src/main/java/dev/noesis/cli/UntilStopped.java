package dev.noesis.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps a server going until SIGTERM or Ctrl-C, then closes it and ends the process with 0: that is how it is meant to end. */
final class UntilStopped {
    private UntilStopped() {}

    static void run(AutoCloseable server) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "noesis-stop"));
        new CountDownLatch(1).await();
    }

    private static void stop(AutoCloseable server) {
        try {
            server.close();
            Runtime.getRuntime().halt(0);
        } catch (Exception e) {
            System.err.println("noesis: the server did not stop cleanly: " + e);
            Runtime.getRuntime().halt(1);
        }
    }
}
