package dev.noesis.bench.load;

import org.jspecify.annotations.Nullable;

/** What came of one window, and what it cost. */
record Measured(Window window, Costs costs, int seconds) {
    /** Fills in the figures that every window has. */
    void tell(Row row) {
        int replies = window.replies().count();
        row.put("seconds", (long) seconds);
        row.put("replies", (long) replies);
        row.put("failed", (long) window.failed());
        row.put("runsPerSecond", window.repliesPerSecond());
        row.put("cpuMsPerRun", Costs.msPerRun(costs.subject(), replies));
        row.put("brokerCpuMsPerRun", Costs.msPerRun(costs.broker(), replies));
        row.put("modelCpuMsPerRun", Costs.msPerRun(costs.model(), replies));
        row.put("driverCpuMsPerRun", Costs.msPerRun(costs.driver(), replies));
    }

    /** @param inFlight that so many take so long is what is ideal */
    void tellIdeal(Row row, int inFlight) {
        double ideal = inFlight / LoadSettings.RUN_SECONDS;
        row.put("ideal", ideal);
        row.put("ofIdeal", window.repliesPerSecond() / ideal);
    }

    /** @param direct the delays of direct calls; null where there were none */
    void tellDelays(Row row, @Nullable Row direct) {
        tellDelays(row, "firstToken", "addedFirstToken", window.firstTokens(), direct);
        tellDelays(row, "reply", "addedReply", window.replies(), direct);
    }

    private static void tellDelays(Row row, String own, String added, Delays delays, @Nullable Row direct) {
        double base = direct == null ? Double.NaN : direct.get(own + "P50Ms");
        row.put(own + "P50Ms", delays.quantile(0.50));
        row.put(own + "P99Ms", delays.quantile(0.99));
        row.put(added + "P50Ms", delays.quantile(0.50) - base);
        row.put(added + "P99Ms", delays.quantile(0.99) - base);
    }

    static void tellMemory(Row row, Memory idle, Memory now, int inFlight) {
        row.put("rssBytes", now.rss());
        row.put("rssIdleBytes", idle.rss());
        row.put("rssBytesPerRun", (now.rss() - idle.rss()) / inFlight);
        row.put("heapBytes", now.heap());
        row.put("heapIdleBytes", idle.heap());
        row.put("heapBytesPerRun", (now.heap() - idle.heap()) / inFlight);
    }
}
