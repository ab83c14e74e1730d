package dev.noesis.bench.load;

import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import tools.jackson.databind.node.ObjectNode;

/** What must be reached, and whether it is: of several rounds the median counts. */
final class Goals {
    /**
     * One of them.
     *
     * @param what in words
     * @param value NaN where it was not measured
     * @param limit what it is held against
     * @param isAtLeast else at most
     */
    record Goal(String what, String unit, double value, double limit, boolean isAtLeast) {
        boolean isMeasured() {
            return !Double.isNaN(value);
        }

        boolean isMet() {
            return isAtLeast ? value >= limit : value <= limit;
        }

        String verdict() {
            return !isMeasured() ? "not measured" : isMet() ? "met" : "missed";
        }

        String asked() {
            return (isAtLeast ? "≥ " : "≤ ") + number(limit) + unit;
        }

        String reached() {
            return isMeasured() ? number(value) + unit : "–";
        }

        private static String number(double value) {
            return Math.abs(value) >= 100 || value == Math.rint(value)
                    ? String.format(Locale.ROOT, "%,.0f", value)
                    : String.format(Locale.ROOT, "%.2f", value);
        }

        ObjectNode json() {
            ObjectNode json = Json.object().put("what", what).put("asked", asked());
            if (isMeasured()) {
                json.put("value", value);
            }
            return json.put("verdict", verdict());
        }
    }

    private final List<Row> rows;

    Goals(List<Row> rows) {
        this.rows = rows;
    }

    List<Goal> all() {
        List<Goal> goals = new ArrayList<>();
        double worker = at(1_000, Subject.NOESIS, "runsPerSecond");
        double blocking = median(row -> row.is(Row.THROUGHPUT, Subject.BLOCKING), "runsPerSecond");
        double parallel = at(1_000, Subject.PARALLEL, "runsPerSecond");
        goals.add(new Goal(
                "throughput at 1,000 in flight, of the ideal",
                " %",
                100 * at(1_000, Subject.NOESIS, "ofIdeal"),
                95,
                true));
        goals.add(new Goal(
                "throughput at 1,000 in flight, of the blocking processor's", " ×", worker / blocking, 100, true));
        goals.add(new Goal(
                "throughput at 1,000 in flight, of Parallel Consumer's on the same cores",
                " ×",
                worker / parallel,
                1,
                true));
        goals.add(delay("added first-token delay, p50, at 20 runs/s", "addedFirstTokenP50Ms", 12));
        goals.add(delay("added first-token delay, p99, at 20 runs/s", "addedFirstTokenP99Ms", 40));
        goals.add(delay("added reply delay, p50, at 20 runs/s", "addedReplyP50Ms", 35));
        goals.add(delay("added reply delay, p99, at 20 runs/s", "addedReplyP99Ms", 80));
        goals.add(new Goal(
                "resident memory a run in flight, at 4,000",
                " kB",
                at(4_000, Subject.NOESIS, "rssBytesPerRun") / 1_000,
                60,
                false));
        double one = scale(1);
        rows.stream()
                .filter(row -> row.is(Row.SCALE, Subject.NOESIS))
                .mapToInt(row -> (int) row.get("workers"))
                .distinct()
                .filter(workers -> workers > 1)
                .forEach(workers -> goals.add(new Goal(
                        workers + " workers, of " + workers + " times one",
                        "",
                        scale(workers) / (workers * one),
                        0.9,
                        true)));
        return goals;
    }

    private Goal delay(String what, String key, double limit) {
        return new Goal(what, " ms", median(row -> row.is(Row.DELAY, Subject.NOESIS), key), limit, false);
    }

    private double at(int inFlight, Subject subject, String key) {
        return median(row -> row.is(Row.THROUGHPUT, subject) && row.get("inFlight") == inFlight, key);
    }

    private double scale(int workers) {
        return median(row -> row.is(Row.SCALE, Subject.NOESIS) && row.get("workers") == workers, "runsPerSecond");
    }

    private double median(Predicate<Row> which, String key) {
        double[] values = rows.stream()
                .filter(which)
                .mapToDouble(row -> row.get(key))
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        int middle = values.length / 2;
        return values.length == 0
                ? Double.NaN
                : values.length % 2 == 1
                        ? values[middle]
                        : DoubleStream.of(values[middle - 1], values[middle])
                                .average()
                                .orElseThrow();
    }
}
