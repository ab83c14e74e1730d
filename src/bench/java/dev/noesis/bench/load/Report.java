package dev.noesis.bench.load;

import dev.noesis.serde.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints each row as it comes, and all of them at the end: on the terminal, as Markdown and as JSON. */
final class Report {
    private final PrintStream out = System.out;
    private final LoadSettings settings;
    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Machine machine = Machine.here();
    private final List<Row> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Report(LoadSettings settings) {
        this.settings = settings;
    }

    void begin() {
        out.println(LoadSettings.command());
        out.println(machine + "; " + versions());
        out.println(method());
        out.println();
        out.println(Table.header());
    }

    void add(Row row) {
        rows.add(row);
        out.println(Table.line(row));
        out.flush();
    }

    /** Says so where runs had no reply: of all but the one that is stopped in the midst of its queue that is a fault. */
    void drained(Subject subject, List<Child> children, int unanswered) {
        if (unanswered > 0 && subject != Subject.BLOCKING) {
            note(subject.id() + ": " + unanswered + " runs had no reply");
            children.forEach(child -> System.err.println(child.output()));
        }
    }

    private void note(String note) {
        notes.add(note);
        out.println(note);
    }

    /** The delays of direct calls; null where there were none. */
    @Nullable
    Row direct() {
        return rows.stream()
                .filter(row -> row.is(Row.DELAY, Subject.DIRECT))
                .findFirst()
                .orElse(null);
    }

    /** Leaves {@code worker.md} and {@code worker.json} in that directory. */
    void write(Path dir) throws IOException {
        List<Goals.Goal> goals = new Goals(rows).all();
        out.println();
        out.println("Must reach");
        goals.forEach(goal ->
                out.printf("  %-75s %10s   %10s   %s%n", goal.what(), goal.asked(), goal.reached(), goal.verdict()));
        Files.createDirectories(dir);
        Files.writeString(dir.resolve("worker.md"), markdown(goals));
        Files.write(
                dir.resolve("worker.json"),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json(goals)));
        out.printf(
                "%n%s and %s, after %d s%n",
                dir.resolve("worker.md"),
                dir.resolve("worker.json"),
                Duration.between(begun, Instant.now()).toSeconds());
    }

    private String method() {
        return String.format(
                Locale.ROOT,
                "runs of %.0f s and %d deltas, -Xmx%s, %d partitions (scale: %d, %d calls a worker); %d s of warm-up, %d s"
                        + " before each window of %d s, %d runs/s for %d s for the delays",
                LoadSettings.RUN_SECONDS,
                LoadSettings.DELTAS,
                settings.heap(),
                LoadSettings.PARTITIONS,
                LoadSettings.SCALE_PARTITIONS,
                settings.perWorker(),
                settings.warmUpSeconds(),
                settings.settleSeconds(),
                settings.seconds(),
                LoadSettings.DELAY_RUNS_PER_SECOND,
                settings.delaySeconds());
    }

    private String markdown(List<Goals.Goal> goals) {
        StringBuilder md = new StringBuilder();
        md.append(ZonedDateTime.ofInstant(begun, ZoneOffset.UTC).toLocalDate()).append(", ");
        md.append(machine).append("; ").append(versions()).append(".\n\n");
        md.append("```\n").append(LoadSettings.command()).append("\n```\n\n");
        md.append(method()).append(".\n\n");
        md.append(Table.markdown(rows)).append('\n');
        md.append("| must reach | asked | reached | |\n|---|---|---|---|\n");
        goals.forEach(goal -> md.append(
                "| %s | %s | %s | %s |%n".formatted(goal.what(), goal.asked(), goal.reached(), goal.verdict())));
        notes.forEach(note -> md.append("\n- ").append(note));
        return md.toString();
    }

    private static String versions() {
        return Machine.versions().properties().stream()
                .map(version -> version.getKey() + " " + version.getValue().asString())
                .collect(Collectors.joining(", "));
    }

    private ObjectNode json(List<Goals.Goal> goals) {
        ObjectNode json = Json.object()
                .put("benchmark", "worker")
                .put("at", begun.toString())
                .put("command", LoadSettings.command());
        json.set("machine", machine.json());
        json.set("versions", Machine.versions());
        ObjectNode set = json.putObject("settings")
                .put("runSeconds", LoadSettings.RUN_SECONDS)
                .put("deltas", LoadSettings.DELTAS)
                .put("heap", settings.heap())
                .put("rounds", settings.rounds())
                .put("seconds", settings.seconds())
                .put("warmUpSeconds", settings.warmUpSeconds())
                .put("settleSeconds", settings.settleSeconds())
                .put("delaySeconds", settings.delaySeconds())
                .put("delayRunsPerSecond", LoadSettings.DELAY_RUNS_PER_SECOND)
                .put("callsPerWorker", settings.perWorker());
        settings.worker().forEach(set.putObject("worker")::put);
        ArrayNode all = json.putArray("rows");
        rows.forEach(row -> all.add(row.json()));
        ArrayNode reached = json.putArray("mustReach");
        goals.forEach(goal -> reached.add(goal.json()));
        notes.forEach(json.putArray("notes")::add);
        return json;
    }
}
