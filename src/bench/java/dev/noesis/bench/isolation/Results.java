package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ArrayNode;

/**
 * All windows together: a row for each arrangement and trouble, and whether the goals are reached.
 *
 * <p>A goal for chat beside a heartbeat in trouble: no run fails, and the p99 of first words and of replies, each the median
 * of the rounds, is within what the rounds without a heartbeat had, or within 1.1 times their median.
 */
record Results(List<Window> windows) {
    private static final double MOST = 1.1;

    /** So much longer is the old failure, where chat does not fail at once. */
    private static final double STARVED = 10;

    private static final List<String> HEAD = List.of(
            "client",
            "heartbeat",
            "rounds",
            "completed/s",
            "x",
            "failed",
            "first token p50 ms",
            "p99",
            "x",
            "reply p50 ms",
            "p99",
            "x",
            "acquire timeouts",
            "heartbeat calls ended, in flight");

    /** Of one arrangement and trouble. */
    private record Row(Arrangement arrangement, Trouble trouble, List<Window> windows) {
        boolean isMeasured() {
            return !windows.isEmpty();
        }

        double median(ToDoubleFunction<Window> figure) {
            double[] sorted = sorted(figure);
            int middle = sorted.length / 2;
            if (sorted.length == 0) {
                return Double.NaN;
            }
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        double least(ToDoubleFunction<Window> figure) {
            double[] sorted = sorted(figure);
            return sorted.length == 0 ? Double.NaN : sorted[0];
        }

        double most(ToDoubleFunction<Window> figure) {
            double[] sorted = sorted(figure);
            return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
        }

        double sum(ToDoubleFunction<Window> figure) {
            return windows.stream().mapToDouble(figure).sum();
        }

        private double[] sorted(ToDoubleFunction<Window> figure) {
            return windows.stream()
                    .mapToDouble(figure)
                    .filter(value -> !Double.isNaN(value))
                    .sorted()
                    .toArray();
        }
    }

    void tell(Report report) {
        List<List<String>> rows = new ArrayList<>();
        ArrayNode json = report.json().putArray("rows");
        for (Arrangement arrangement : Arrangement.values()) {
            Row none = row(arrangement, Trouble.NONE);
            for (Trouble trouble : Trouble.values()) {
                Row row = row(arrangement, trouble);
                if (row.isMeasured()) {
                    rows.add(cells(row, none));
                    json.addObject()
                            .put("client", arrangement.id())
                            .put("heartbeat", trouble.id())
                            .put("rounds", row.windows().size())
                            .put("completedPerSecond", row.median(Window::perSecond))
                            .put("failed", row.sum(Window::failed))
                            .put("firstTokenP50Ms", row.median(Window::firstP50))
                            .put("firstTokenP99Ms", row.median(Window::firstP99))
                            .put("replyP50Ms", row.median(Window::replyP50))
                            .put("replyP99Ms", row.median(Window::replyP99))
                            .put("acquireTimeouts", row.sum(Window::acquireTimeouts))
                            .put("firstTokenP99Ratio", ratio(row, none, Window::firstP99))
                            .put("replyP99Ratio", ratio(row, none, Window::replyP99));
                }
            }
        }
        if (row(Arrangement.SHARED, Trouble.NONE).isMeasured()) {
            rows.add(absent(Trouble.DOWN, "one client has one model server"));
            rows.add(absent(Trouble.KILLED, "one process has both lanes"));
            rows.add(absent(Trouble.STOPPED, "one process has both lanes"));
        }
        report.table(HEAD, rows);
        report.say(
                "Medians of the rounds; failures and timeouts are sums, p99 has the least and the most of the rounds behind"
                        + " it; x is against no heartbeat. Replies are those of failures, too.");
        tellGoals(report);
    }

    private static List<String> absent(Trouble trouble, String why) {
        List<String> cells = new ArrayList<>(Collections.nCopies(HEAD.size(), ""));
        cells.set(0, Arrangement.SHARED.title());
        cells.set(1, trouble.title());
        cells.set(HEAD.size() - 1, "does not exist: " + why);
        return cells;
    }

    private static List<String> cells(Row row, Row none) {
        return List.of(
                row.arrangement().title(),
                row.trouble().title(),
                Integer.toString(row.windows().size()),
                text("%.1f", row.median(Window::perSecond)),
                times(ratio(row, none, Window::perSecond)),
                text("%.0f", row.sum(Window::failed)),
                text("%,.0f", row.median(Window::firstP50)),
                spread(row, Window::firstP99),
                times(ratio(row, none, Window::firstP99)),
                text("%,.0f", row.median(Window::replyP50)),
                spread(row, Window::replyP99),
                times(ratio(row, none, Window::replyP99)),
                text("%,.0f", row.sum(Window::acquireTimeouts)),
                text("%,.0f", row.median(Window::heartbeatCalls)) + ", "
                        + text("%.0f", row.median(Window::heartbeatInFlight)));
    }

    private void tellGoals(Report report) {
        ArrayNode goals = report.json().putArray("goals");
        Row starved = row(Arrangement.SHARED, Trouble.HUNG);
        if (starved.isMeasured()) {
            Row none = row(Arrangement.SHARED, Trouble.NONE);
            double failed = starved.sum(Window::failed);
            double ratio = ratio(starved, none, Window::replyP99);
            tell(
                    report,
                    goals,
                    starved,
                    "%.0f chat runs fail, reply p99 %s (the old failure: some fail, or at least %.0f x)"
                            .formatted(failed, times(ratio), STARVED),
                    failed > 0 || ratio >= STARVED);
        }
        for (Arrangement arrangement : List.of(Arrangement.DEDICATED, Arrangement.APART)) {
            Row none = row(arrangement, Trouble.NONE);
            for (Trouble trouble : Trouble.values()) {
                Row row = row(arrangement, trouble);
                if (row.isMeasured()) {
                    double failed = row.sum(Window::failed);
                    boolean isWithin = isWithin(row, none, Window::firstP99) && isWithin(row, none, Window::replyP99);
                    tell(
                            report,
                            goals,
                            row,
                            "%.0f chat runs fail, first token p99 %s, reply p99 %s (none fails, both %.1f x or within the spread)"
                                    .formatted(
                                            failed,
                                            times(ratio(row, none, Window::firstP99)),
                                            times(ratio(row, none, Window::replyP99)),
                                            MOST),
                            failed == 0 && isWithin);
                }
            }
        }
    }

    private static void tell(Report report, ArrayNode goals, Row row, String what, boolean isReached) {
        report.say("%s, %s: %s: %s"
                .formatted(row.arrangement().title(), row.trouble().title(), what, isReached ? "reached" : "MISSED"));
        goals.addObject()
                .put("client", row.arrangement().id())
                .put("heartbeat", row.trouble().id())
                .put("isReached", isReached);
    }

    private Row row(Arrangement arrangement, Trouble trouble) {
        return new Row(
                arrangement,
                trouble,
                windows.stream()
                        .filter(window -> window.arrangement() == arrangement && window.trouble() == trouble)
                        .toList());
    }

    private static boolean isWithin(Row row, Row none, ToDoubleFunction<Window> p99) {
        return row.median(p99) <= Math.max(MOST * none.median(p99), none.most(p99));
    }

    private static double ratio(Row row, Row none, ToDoubleFunction<Window> figure) {
        return row.median(figure) / none.median(figure);
    }

    private static String spread(Row row, ToDoubleFunction<Window> p99) {
        return Double.isNaN(row.median(p99))
                ? "–"
                : text("%,.0f", row.median(p99)) + " (" + text("%,.0f", row.least(p99)) + "–"
                        + text("%,.0f", row.most(p99)) + ")";
    }

    private static String times(double ratio) {
        return Double.isNaN(ratio) ? "–" : text("%.2f x", ratio);
    }

    private static String text(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }
}
