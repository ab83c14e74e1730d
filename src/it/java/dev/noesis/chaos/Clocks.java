package dev.noesis.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The workers' wall clocks. Where the machine has libfaketime each worker reads its own through it, from a file that says how
 * far it is off; the monotonic clock is left alone, as it is by whoever sets a machine's time.
 */
final class Clocks {
    private static final String LIBRARY = "libfaketimeMT.so.1";
    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final int DEPTH = 4;

    private final Path dir;
    private final @Nullable Path library;

    Clocks(Shape shape) throws IOException {
        this.dir = Files.createDirectories(shape.dir().resolve("clocks"));
        this.library = shape.rootTools() ? find() : null;
        for (int i = 0; i < shape.workers(); i++) {
            set(i, Duration.ZERO);
        }
    }

    private static @Nullable Path find() throws IOException {
        if (!Files.isDirectory(LIBRARIES)) {
            return null;
        }
        try (Stream<Path> found = Files.find(LIBRARIES, DEPTH, (path, _) -> path.endsWith(LIBRARY))) {
            return found.findFirst().orElse(null);
        }
    }

    boolean canJump() {
        return library != null;
    }

    /** The command that runs a worker by its own clock. */
    List<String> prefix(int worker) {
        return library == null
                ? List.of()
                : List.of(
                        "env",
                        "LD_PRELOAD=" + library,
                        "FAKETIME_TIMESTAMP_FILE=" + file(worker),
                        // how long, in seconds, it goes by what the file said last
                        "FAKETIME_CACHE_DURATION=1",
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        "NO_FAKE_STAT=1");
    }

    /** Sets a worker's clock so far off the machine's; it sees that within a second. */
    void set(int worker, Duration off) throws IOException {
        Path next = Files.writeString(dir.resolve(Fault.worker(worker) + ".next"), "%+d\n".formatted(off.toSeconds()));
        Files.move(next, file(worker), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path file(int worker) {
        return dir.resolve(Fault.worker(worker));
    }
}
