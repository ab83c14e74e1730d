package dev.noesis.bench.fleet;

import dev.noesis.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.AppInfoParser;
import tools.jackson.databind.node.ObjectNode;

/** Prints what is measured as it comes, and leaves it as Markdown and as JSON. */
public final class Report {
    private final String name;
    private final ObjectNode json;
    private final StringBuilder markdown = new StringBuilder();

    /** @param command how to measure it again */
    public Report(String name, String command) {
        this.name = name;
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        json = Json.object().put("benchmark", name).put("at", at).put("command", command);
        json.putObject("machine")
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("cpu", first("/proc/cpuinfo", "model name\\s*:\\s*(.+)"))
                .put("memoryKb", first("/proc/meminfo", "MemTotal:\\s+(\\d+)"))
                .put("java", Runtime.version().toString())
                .put("kafka", AppInfoParser.getVersion());
        say("`%s`, %s; %d cores of %s, Java %s, Kafka %s; broker, model server, workers and load share them"
                .formatted(
                        command,
                        at,
                        Runtime.getRuntime().availableProcessors(),
                        first("/proc/cpuinfo", "model name\\s*:\\s*(.+)"),
                        Runtime.version(),
                        AppInfoParser.getVersion()));
    }

    /** Where every figure goes that something else reads. */
    public ObjectNode json() {
        return json;
    }

    /** A paragraph. */
    public void say(String line) {
        System.out.println(line);
        System.out.flush();
        markdown.append(line).append("\n\n");
    }

    /** What is of no use later. */
    public static void progress(String line) {
        System.out.println("  … " + line);
        System.out.flush();
    }

    public void table(List<String> head, List<List<String>> rows) {
        List<Integer> widths = IntStream.range(0, head.size())
                .map(i -> Math.max(
                        head.get(i).length(),
                        rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0)))
                .boxed()
                .toList();
        System.out.println(padded(head, widths));
        rows.forEach(row -> System.out.println(padded(row, widths)));
        markdown.append(line(head)).append("|---".repeat(head.size())).append("|\n");
        rows.forEach(row -> markdown.append(line(row)));
        markdown.append('\n');
    }

    /** Leaves the two files in {@code target/bench}. */
    public void write() throws IOException {
        Path dir = Path.of(Settings.text("bench.dir", "target/bench"));
        Files.createDirectories(dir);
        Files.writeString(dir.resolve(name + ".md"), markdown);
        Files.write(
                dir.resolve(name + ".json"),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        System.out.println(dir.resolve(name + ".md") + " and " + dir.resolve(name + ".json"));
    }

    private static String padded(List<String> cells, List<Integer> widths) {
        return IntStream.range(0, cells.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%" + widths.get(i) + "s", cells.get(i)))
                .collect(Collectors.joining("  "));
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String first(String file, String pattern) {
        try {
            Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            return found.find() ? found.group(1).strip() : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
