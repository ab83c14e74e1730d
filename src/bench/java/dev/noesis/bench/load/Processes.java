package dev.noesis.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The processes of one run and the directory that they write to. When it is closed none is left, and the directory is gone.
 *
 * <p><b>Threading.</b> Any thread; a shutdown hook's among them.
 */
final class Processes implements AutoCloseable {
    private final Path dir;
    private final List<Child> children = new CopyOnWriteArrayList<>();

    /** @param under where the directory is made */
    Processes(Path under) throws IOException {
        Files.createDirectories(under);
        dir = Files.createTempDirectory(under, "run-");
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "bench-stop"));
    }

    Path dir() {
        return dir;
    }

    Child start(String name, List<String> jvmOptions, Class<?> main, List<String> args) {
        Child child = Child.start(name, dir, jvmOptions, main, args);
        children.add(child);
        return child;
    }

    @Override
    public synchronized void close() {
        children.forEach(Child::kill);
        if (!Files.exists(dir)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("not all of " + dir + " is deleted: " + e.getMessage());
        }
    }
}
