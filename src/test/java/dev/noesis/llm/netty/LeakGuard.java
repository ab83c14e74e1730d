package dev.noesis.llm.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaks a buffer. Netty finds a leak when the garbage collector finds the buffer; so at the end of the
 * class one is leaked on purpose, and what was leaked before it is found by the time that one is.
 */
final class LeakGuard implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final String BAIT = "leaked on purpose";
    private static final AtomicInteger BAITS = new AtomicInteger();

    @Override
    public void beforeAll(ExtensionContext context) {
        install();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        String leaks = collect();
        if (!leaks.isEmpty()) {
            throw new AssertionError("leaked buffers: " + leaks);
        }
    }

    static void install() {
        ResourceLeakDetector.setLevel(Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> LEAKS.add(records));
    }

    /** Collects the garbage, and all that was leaked. */
    static String collect() {
        leakBait();
        StringBuilder found = new StringBuilder();
        boolean baitFound = false;
        for (int i = 0; i < 50 && !baitFound; i++) {
            WeakReference<Object> garbage = new WeakReference<>(new Object());
            while (garbage.get() != null) {
                System.gc();
            }
            Unpooled.directBuffer(1).release(); // the detector reports when it tracks the next one
            for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
                if (leak.contains(BAIT)) {
                    baitFound = true;
                } else {
                    found.append(leak);
                }
            }
        }
        if (!baitFound) {
            throw new AssertionError("the leak detector does not work: it did not find the bait");
        }
        return found.toString();
    }

    private static void leakBait() {
        ByteBuf bait = Unpooled.directBuffer(1);
        bait.touch(BAIT + " " + BAITS.incrementAndGet()); // the detector does not report the same leak twice
    }
}
