package dev.noesis.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The workers' state directories: where there is root, each a small file system of its own, which can be full. */
final class StateDirs implements AutoCloseable {
    private static final String SIZE = "256m";

    private final Path parent;
    private final List<Path> mounted = new ArrayList<>();

    StateDirs(Shape shape) throws IOException {
        this.parent = Files.createDirectories(shape.dir().resolve("state"));
        for (int i = 0; i < shape.workers(); i++) {
            Path dir = Files.createDirectories(of(i));
            if (shape.rootTools() && Commands.succeeds("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", dir)) {
                mounted.add(dir);
            }
        }
    }

    Path parent() {
        return parent;
    }

    Path of(int worker) {
        return parent.resolve(Fault.worker(worker));
    }

    boolean canBeFull() {
        return !mounted.isEmpty();
    }

    /** Takes all the space that is left. */
    void fill(int worker) throws IOException {
        byte[] block = new byte[64 * 1024];
        try (var out = Files.newOutputStream(ballast(worker))) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Gives back the space. */
    void free(int worker) throws IOException {
        Files.deleteIfExists(ballast(worker));
    }

    private Path ballast(int worker) {
        return of(worker).resolve("ballast");
    }

    /** Deletes all that is in it. */
    void wipe(int worker) throws IOException {
        try (Stream<Path> paths = Files.walk(of(worker))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(of(worker))) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    /** The worker's name in its groups; empty where it has none yet. */
    String instanceId(int worker) {
        Path file = of(worker).resolve("instance.id");
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        mounted.forEach(dir -> Commands.succeeds("umount", "-l", dir));
        mounted.clear();
    }
}
