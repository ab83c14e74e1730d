package dev.noesis.bench.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a worker says of itself in {@code /metrics}, and the system of its process. */
public final class Figures {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String text;

    private Figures(String text) {
        this.text = text;
    }

    public static Figures of(URI worker) {
        HttpRequest request = HttpRequest.newBuilder(worker.resolve("/metrics"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return new Figures(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The sum of all series of that name whose labels have all of these; NaN where there is none. */
    public double sum(String name, String... labels) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Stream.of(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .reduce(Double.NaN, (sum, next) -> Double.isNaN(sum) ? next : sum + next);
    }

    /** Bytes of a process that are in memory. */
    public static double rss(long pid) {
        var line = Pattern.compile("VmRSS:\\s+(\\d+) kB").matcher(read(Path.of("/proc/" + pid + "/status")));
        return line.find() ? Double.parseDouble(line.group(1)) * 1024 : Double.NaN;
    }

    public static double descriptors(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of the files in a directory; those that vanish meanwhile do not count. */
    public static long bytesIn(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return -1;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
