package dev.noesis.bench.load;

import java.io.IOException;
import java.util.Arrays;

/** The main class of every child: it runs another main class, and ends when its parent does, however that ended. */
public final class Tether {
    private Tether() {}

    /** @param args the main class, and its arguments */
    public static void main(String[] args) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("tether").start(Tether::endWithParent);
        Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(args, 1, args.length));
    }

    /** Nobody writes to the pipe; that it ends is what is said. */
    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // goes on
            }
        } catch (IOException e) {
            // as good as its end
        }
        Runtime.getRuntime().halt(3);
    }
}
