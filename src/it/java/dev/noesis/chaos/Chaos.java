package dev.noesis.chaos;

import dev.noesis.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The chaos run as a command: {@code mvn -Pchaos -Dminutes=N -Dseed=S}; the exit code is 0 if every contract was kept. */
public final class Chaos {
    private Chaos() {}

    public static void main(String[] args) throws Exception {
        long seed = Long.getLong("seed", 1);
        Duration length = Duration.ofSeconds((long) (60 * Double.parseDouble(System.getProperty("minutes", "1"))));
        Shape shape = Shape.whole(seed, length, empty(Path.of("target", "chaos", Long.toString(seed))));
        Schedule schedule = Schedule.draw(shape, Kinds.ALL);
        System.out.printf(
                "seed %d, %d s, %d faults; logs and report in %s%n",
                seed, length.toSeconds(), schedule.planned().size(), shape.dir());
        Report report = new ChaosRun(shape, schedule, System.out).run();
        write(report, shape.dir());
        System.out.print("\n" + report.markdown());
        System.exit(report.isGood() ? 0 : 1);
    }

    static void write(Report report, Path dir) throws IOException {
        Files.writeString(dir.resolve("report.md"), report.markdown());
        Files.write(
                dir.resolve("report.json"),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    }

    /** Makes that directory, without anything in it. */
    static Path empty(Path dir) throws IOException {
        if (Files.exists(dir)) {
            try (Stream<Path> paths = Files.walk(dir)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        return Files.createDirectories(dir).toAbsolutePath();
    }
}
