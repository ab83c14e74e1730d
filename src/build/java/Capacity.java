import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * From figures of the benchmarks to what a deployment needs. It is run from its source:
 *
 * <pre>java src/build/java/Capacity.java target/bench/worker.json target/bench/recovery.json</pre>
 *
 * <p>It prints the tables of the capacity page; with {@code --page FILE} first, it puts them there, between the lines
 * {@code <!-- figures -->} and {@code <!-- end of figures -->}. What is asked of the deployment are system properties, such
 * as {@code -Dagents=1000000}. A figure that no file has is named, and what follows from it is left out.
 */
final class Capacity {
    private static final String BEGIN = "<!-- figures -->\n";
    private static final String END = "<!-- end of figures -->\n";
    private static final double DAY_SECONDS = 86_400;

    private final List<Object> reports = new ArrayList<>();
    private final TreeSet<String> missing = new TreeSet<>();
    private final StringBuilder out = new StringBuilder();

    /** @param args the benchmarks' JSON */
    public static void main(String[] args) throws IOException {
        List<String> files = new ArrayList<>(List.of(args));
        Path page = null;
        if (files.size() > 1 && files.getFirst().equals("--page")) {
            files.removeFirst();
            page = Path.of(files.removeFirst());
        }
        Capacity capacity = new Capacity();
        for (String file : files) {
            if (Files.exists(Path.of(file))) {
                capacity.reports.add(new Json(Files.readString(Path.of(file))).value());
            } else {
                capacity.missing.add("the file " + file);
            }
        }
        String tables = capacity.tables();
        if (page == null) {
            System.out.print(tables);
            return;
        }
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        if (begin < BEGIN.length() || end < begin) {
            throw new IllegalArgumentException(page + " has no place for them: " + BEGIN + END);
        }
        Files.writeString(page, text.substring(0, begin) + tables + text.substring(end));
    }

    // ---- what is asked

    private static double asked(String name, double otherwise) {
        String said = System.getProperty(name);
        return said == null ? otherwise : Double.parseDouble(said);
    }

    private static final double AGENTS = asked("agents", 1e6);
    private static final double RUNS_A_DAY = asked("runsPerDay", 50e6);
    /** The busiest hour over the mean. */
    private static final double PEAK = asked("peak", 3);

    private static final double CALLS_A_RUN = asked("callsPerRun", 1.5);
    private static final double CALL_SECONDS = asked("callSeconds", 10);
    /** Of a core, at the peak: the rest is for restarts, rebalances and what is worse than measured. */
    private static final double UTILISATION = asked("utilisation", 0.6);

    private static final double CORES = asked("coresPerWorker", 4);
    private static final double CALLS_A_WORKER = asked("callsPerWorker", 4_000);
    private static final double STANDBYS = asked("standbys", 1);
    private static final double REPLICAS = asked("replicas", 3);
    private static final double LANES = 2;
    /** Days that the broker keeps of each topic; the changelogs and {@code mind.log} are kept. */
    private static final Map<String, Double> KEPT_DAYS =
            Map.of("chat.requests", 7.0, "chat.replies", 7.0, "chat.events", 1.0);

    // ---- what was measured

    private OptionalDouble row(String key, String kind, double workers, double inFlight) {
        for (Object report : reports) {
            for (Object each : list(report, "rows")) {
                boolean isIt = kind.equals(text(each, "kind"))
                        && "noesis".equals(text(each, "subject"))
                        && number(each, "workers").orElse(-1) == workers
                        && number(each, "inFlight").orElse(-1) == inFlight;
                if (isIt && number(each, key).isPresent()) {
                    return number(each, key);
                }
            }
        }
        missing.add(key + " of a worker with " + whole(inFlight) + " runs in flight (mvn -Pbench -Dbench=worker)");
        return OptionalDouble.empty();
    }

    /** Of the largest state that was measured. */
    private OptionalDouble state(String key) {
        Object largest = null;
        for (Object report : reports) {
            for (Object each : list(report, "states")) {
                if (largest == null
                        || number(each, "agents").orElse(0)
                                > number(largest, "agents").orElse(0)) {
                    largest = each;
                }
            }
        }
        OptionalDouble figure = largest == null ? OptionalDouble.empty() : number(largest, key);
        if (figure.isEmpty()) {
            missing.add(key + " (mvn -Pbench -Dbench=recovery)");
        }
        return figure;
    }

    /** Agents that were restored in a second from the changelog, of all workers together; the largest state measured. */
    private OptionalDouble restored() {
        double most = 0;
        double agents = 0;
        for (Object report : reports) {
            for (Object kill : list(report, "kills")) {
                double of = number(kill, "agents").orElse(0);
                double seconds = number(kill, "restoreSeconds").orElse(0);
                if (of >= agents && seconds > 0) {
                    most = of > agents ? of / seconds : Math.max(most, of / seconds);
                    agents = of;
                }
            }
        }
        if (most == 0) {
            missing.add("restoreSeconds (mvn -Pbench -Dbench=recovery)");
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(most);
    }

    private Map<String, Double> bytesPerRun() {
        Map<String, Double> bytes = new LinkedHashMap<>();
        for (Object report : reports) {
            if (report instanceof Map<?, ?> fields && fields.get("bytesPerRun") instanceof Map<?, ?> topics) {
                topics.forEach((topic, size) -> bytes.put(String.valueOf(topic), ((Number) size).doubleValue()));
            }
        }
        if (bytes.isEmpty()) {
            missing.add("bytesPerRun (mvn -Pbench -Dbench=recovery)");
        }
        return bytes;
    }

    // ---- what follows

    private String tables() {
        double mean = RUNS_A_DAY / DAY_SECONDS;
        double peak = mean * PEAK;
        double calls = peak * CALLS_A_RUN * CALL_SECONDS;
        line("| asked | |");
        line("|---|---:|");
        line("| agents | %s |", whole(AGENTS));
        line("| runs a day | %s |", whole(RUNS_A_DAY));
        line(
                "| runs a second: mean, and at the peak (%s times that) | %s, %s |",
                plain(PEAK), whole(mean), whole(peak));
        line("| model calls of a run, and seconds of a call | %s, %s |", plain(CALLS_A_RUN), plain(CALL_SECONDS));
        line("| **model calls in flight at the peak** | **%s** |", whole(calls));
        line("");

        line("| workers | measured | needed |");
        line("|---|---:|---:|");
        OptionalDouble cpu = row("cpuMsPerRun", "throughput", 1, 1_000);
        double workers = Math.ceil(calls / CALLS_A_WORKER);
        line("| by calls in flight | %s a worker | %s |", whole(CALLS_A_WORKER), whole(workers));
        if (cpu.isPresent()) {
            // As if each further call of a run cost as much as a run of one call: it costs less.
            double cores = peak * CALLS_A_RUN * cpu.getAsDouble() / 1_000 / UTILISATION;
            double byCpu = Math.ceil(cores / CORES);
            line(
                    "| by CPU, used to %.0f %% | %s ms a run of one call | %s cores: %s of %s cores |",
                    100 * UTILISATION, plain(cpu.getAsDouble()), whole(cores), whole(byCpu), whole(CORES));
            workers = Math.max(workers, byCpu);
        }
        line("| **workers**, one to spare | | **%s** |", whole(workers + 1));
        OptionalDouble idle = row("rssIdleBytes", "throughput", 1, 4_000);
        OptionalDouble each = row("rssBytesPerRun", "throughput", 1, 4_000);
        if (idle.isPresent() && each.isPresent()) {
            double perWorker = Math.min(CALLS_A_WORKER, calls / workers);
            line(
                    "| memory of a worker at the peak, with %s calls in flight | %s idle and %s a call | %s |",
                    whole(perWorker),
                    bytes(idle.getAsDouble()),
                    bytes(each.getAsDouble()),
                    bytes(idle.getAsDouble() + perWorker * each.getAsDouble()));
        }
        double partitions = Math.max(32, 4 * Integer.highestOneBit((int) workers * 2 - 1));
        line("| **partitions**, for life: at least four a worker, a power of two | | **%s** |", whole(partitions));
        line("| calls for each partition at the peak | | %s |", whole(calls / partitions));
        line("");

        line("| state, in all workers | measured | in all |");
        line("|---|---:|---:|");
        state("stateBytesPerAgent").ifPresent(bytes -> {
            double copies = LANES * (1 + STANDBYS);
            line(
                    "| agents of one run, in both lanes, with %s standby of each | %s in one lane | %s |",
                    whole(STANDBYS), bytes(bytes), bytes(AGENTS * bytes * copies));
            line(
                    "| grows, since what was said is kept | that much for each run | %s a day |",
                    bytes(RUNS_A_DAY * bytes * copies));
        });
        OptionalDouble restored = restored();
        if (restored.isPresent()) {
            line(
                    "| restored from nothing, by as many workers as were measured | %s agents a second | %s minutes |",
                    whole(restored.getAsDouble()), whole(AGENTS / restored.getAsDouble() / 60));
        }
        state("foldSeconds")
                .ifPresent(seconds -> state("agents")
                        .ifPresent(agents -> line(
                                "| folded anew from the log, the same | %s agents a second | %s minutes |",
                                whole(agents / seconds), whole(AGENTS * seconds / agents / 60))));
        line("");
        broker(mean, peak);
        if (!missing.isEmpty()) {
            line("Not measured, and left out:");
            line("");
            missing.forEach(figure -> line("- %s", figure));
        }
        return out.toString();
    }

    private void broker(double mean, double peak) {
        Map<String, Double> bytes = bytesPerRun();
        OptionalDouble cpu = row("brokerCpuMsPerRun", "throughput", 1, 1_000);
        if (bytes.isEmpty() && cpu.isEmpty()) {
            return;
        }
        line("| brokers | bytes of a run | a second at the peak | kept | on disk, %s replicas |", whole(REPLICAS));
        line("|---|---:|---:|---|---:|");
        double all = 0;
        for (Map.Entry<String, Double> topic : bytes.entrySet()) {
            Double days = KEPT_DAYS.get(topic.getKey());
            boolean isChangelog = topic.getKey().endsWith("-changelog");
            String kept = days != null ? whole(days) + " d" : isChangelog ? "compacted" : "for ever";
            String disk = days != null
                    ? bytes(RUNS_A_DAY * days * topic.getValue() * REPLICAS)
                    : isChangelog
                            ? "as the state of one lane"
                            : bytes(RUNS_A_DAY * topic.getValue() * REPLICAS) + " a day";
            line(
                    "| `%s` | %s | %s | %s | %s |",
                    topic.getKey(), whole(topic.getValue()), bytes(peak * topic.getValue()), kept, disk);
            all += topic.getValue();
        }
        line(
                "| **all** | **%s** | **%s** written, %s times that with replicas | | |",
                whole(all), bytes(peak * all), whole(REPLICAS));
        if (cpu.isPresent()) {
            line(
                    "| CPU of the leaders, used to %.0f %% | %s ms a run | %s cores | | |",
                    100 * UTILISATION, plain(cpu.getAsDouble()), whole(peak * cpu.getAsDouble() / 1_000 / UTILISATION));
        }
        line("");
    }

    // ---- in words

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.2f", value);
    }

    private static String bytes(double value) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB"};
        int unit = 0;
        double left = value;
        while (left >= 1_000 && unit < units.length - 1) {
            left /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, left < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", left, units[unit]);
    }

    private static List<?> list(Object of, String key) {
        return of instanceof Map<?, ?> map && map.get(key) instanceof List<?> list ? list : List.of();
    }

    private static OptionalDouble number(Object of, String key) {
        return of instanceof Map<?, ?> map && map.get(key) instanceof Number number
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    private static String text(Object of, String key) {
        return of instanceof Map<?, ?> map ? String.valueOf(map.get(key)) : "";
    }

    /** Reads JSON as maps, lists, doubles, texts, booleans and nulls: a program of one file has no library. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            skip();
            return switch (text.charAt(at)) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                default -> word();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> fields = new LinkedHashMap<>();
            at++;
            while (next() != '}') {
                String name = string();
                next(':');
                fields.put(name, value());
                comma();
            }
            at++;
            return fields;
        }

        private List<Object> array() {
            List<Object> values = new ArrayList<>();
            at++;
            while (next() != ']') {
                values.add(value());
                comma();
            }
            at++;
            return values;
        }

        private String string() {
            StringBuilder string = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\') {
                    at++;
                    if (text.charAt(at) == 'u') {
                        string.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                        at += 4;
                        continue;
                    }
                    int escape = "nrtbf".indexOf(text.charAt(at));
                    string.append(escape < 0 ? text.charAt(at) : "\n\r\t\b\f".charAt(escape));
                } else {
                    string.append(text.charAt(at));
                }
            }
            at++;
            return string.toString();
        }

        private Object word() {
            int from = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            return switch (word) {
                case "true", "false" -> Boolean.valueOf(word);
                case "null", "NaN" -> "";
                default -> Double.valueOf(word);
            };
        }

        private char next() {
            skip();
            return text.charAt(at);
        }

        private void next(char wanted) {
            if (next() != wanted) {
                throw new IllegalArgumentException("no JSON: " + wanted + " is missing at " + at);
            }
            at++;
        }

        private void comma() {
            if (next() == ',') {
                at++;
            }
        }

        private void skip() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }
    }
}
