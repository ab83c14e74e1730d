package dev.noesis.bench.llm;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** What the operating system and the JVM know of this process; Linux only. */
final class OwnProcess {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
    /** The kernel's unit of time in {@code /proc}, on every platform that counts. */
    private static final long TICK_NANOS = 10_000_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private OwnProcess() {}

    /** User and system time of all threads, those of collector and compiler included; in steps of 10 ms. */
    static long cpuNanos() {
        String stat = read(STAT);
        // the name in brackets may hold blanks; after it, user time is the 12th field and system time the 13th
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    }

    /** All that the threads of this process allocated on the heap so far. */
    static long allocatedBytes() {
        return THREADS.getTotalThreadAllocatedBytes();
    }

    static int threads() {
        return THREADS.getThreadCount();
    }

    /** Collects garbage, and lets the peaks begin anew from the present. */
    static void resetPeaks() throws IOException {
        System.gc();
        Files.writeString(CLEAR_REFS, "5");
        THREADS.resetPeakThreadCount();
    }

    static int peakThreads() {
        return THREADS.getPeakThreadCount();
    }

    static double peakRssMiB() {
        return read(STATUS)
                        .lines()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                        .findFirst()
                        .orElseThrow()
                / 1_024.0;
    }

    private static String read(Path file) {
        try {
            return Objects.requireNonNull(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
