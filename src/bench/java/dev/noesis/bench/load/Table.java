package dev.noesis.bench.load;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Rows as people read them. */
final class Table {
    /** A figure, its unit's divisor and its decimals. */
    private record Column(String title, String key, double divisor, int decimals) {
        String of(Row row) {
            double value = row.get(key);
            return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,." + decimals + "f", value / divisor);
        }

        int width() {
            return Math.max(8, title.length());
        }
    }

    private static final List<Column> COLUMNS = List.of(
            new Column("in flight", "inFlight", 1, 0),
            new Column("workers", "workers", 1, 0),
            new Column("runs/s", "runsPerSecond", 1, 1),
            new Column("of ideal %", "ofIdeal", 0.01, 1),
            new Column("1st p50", "addedFirstTokenP50Ms", 1, 1),
            new Column("1st p99", "addedFirstTokenP99Ms", 1, 1),
            new Column("reply p50", "addedReplyP50Ms", 1, 1),
            new Column("reply p99", "addedReplyP99Ms", 1, 1),
            new Column("CPU ms", "cpuMsPerRun", 1, 2),
            new Column("broker", "brokerCpuMsPerRun", 1, 2),
            new Column("model", "modelCpuMsPerRun", 1, 2),
            new Column("driver", "driverCpuMsPerRun", 1, 2),
            new Column("RSS MB", "rssBytes", 1e6, 0),
            new Column("RSS kB/run", "rssBytesPerRun", 1e3, 1),
            new Column("heap kB/run", "heapBytesPerRun", 1e3, 1),
            new Column("failed", "failed", 1, 0));

    private Table() {}

    static String header() {
        return String.format("%-10s %-9s", "", "")
                + COLUMNS.stream()
                        .map(column -> String.format(" %" + column.width() + "s", column.title()))
                        .collect(Collectors.joining());
    }

    static String line(Row row) {
        return String.format("%-10s %-9s", row.kind(), row.subject())
                + COLUMNS.stream()
                        .map(column -> String.format(" %" + column.width() + "s", column.of(row)))
                        .collect(Collectors.joining());
    }

    /** With what the columns mean. */
    static String markdown(List<Row> rows) {
        String head = "| | | " + COLUMNS.stream().map(Column::title).collect(Collectors.joining(" | ")) + " |\n"
                + "|---|---|" + "---:|".repeat(COLUMNS.size()) + "\n";
        return head
                + rows.stream()
                        .map(row -> "| " + row.kind() + " | " + row.subject() + " | "
                                + COLUMNS.stream().map(column -> column.of(row)).collect(Collectors.joining(" | "))
                                + " |\n")
                        .collect(Collectors.joining());
    }
}
