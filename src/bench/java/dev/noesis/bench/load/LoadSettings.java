package dev.noesis.bench.load;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is measured, and for how long.
 *
 * @param subjects in their order
 * @param inFlight the numbers of runs in flight
 * @param rounds windows for each number
 * @param seconds of a window
 * @param warmUpSeconds of load before the first window of a process
 * @param settleSeconds of load before each window
 * @param delaySeconds of the open loop in which delays are measured; 0 for none
 * @param workers numbers of workers that share {@value #SCALE_PARTITIONS} partitions; none for none
 * @param perWorker model calls that each of those may have in flight
 * @param heap {@code -Xmx} of a subject
 * @param options more options for the subject's JVM; on the command line with blanks between
 * @param worker more settings for the worker; on the command line {@code key=value}, with commas between
 */
record LoadSettings(
        List<Subject> subjects,
        List<Integer> inFlight,
        int rounds,
        int seconds,
        int warmUpSeconds,
        int settleSeconds,
        int delaySeconds,
        List<Integer> workers,
        int perWorker,
        String heap,
        List<String> options,
        Map<String, String> worker) {

    /** The product's default number. */
    static final int PARTITIONS = 8;

    static final int SCALE_PARTITIONS = 16;

    /** From the request to the end of the answer. */
    static final double RUN_SECONDS = 2.0;

    static final int DELTAS = 20;
    static final int DELAY_RUNS_PER_SECOND = 20;

    /** The words of a command that asks for this. */
    static final List<String> NAMES = List.of(
            "subjects",
            "inFlight",
            "rounds",
            "seconds",
            "warmUp",
            "settle",
            "delay",
            "workers",
            "perWorker",
            "heap",
            "options",
            "set");

    static LoadSettings fromSystemProperties() {
        return new LoadSettings(
                list("subjects", "direct,noesis,parallel,pool,blocking").stream()
                        .map(Subject::of)
                        .toList(),
                numbers("inFlight", "1,64,256,1000,4000"),
                number("rounds", 1),
                number("seconds", 12),
                number("warmUp", 20),
                number("settle", 5),
                number("delay", 20),
                numbers("workers", "1,2,4"),
                number("perWorker", 64),
                text("heap", "512m"),
                Arrays.stream(text("options", "").split("\\s+"))
                        .filter(option -> !option.isEmpty())
                        .toList(),
                list("set", "").stream()
                        .collect(Collectors.toMap(
                                pair -> pair.substring(0, pair.indexOf('=')),
                                pair -> pair.substring(pair.indexOf('=') + 1),
                                (_, last) -> last,
                                TreeMap::new)));
    }

    int mostInFlight() {
        return inFlight.stream().mapToInt(Integer::intValue).max().orElse(1);
    }

    /** How to run this again. */
    static String command() {
        return "mvn -Pbench -Dbench=worker"
                + NAMES.stream()
                        .filter(name -> !System.getProperty(name, "").isEmpty())
                        .map(name -> " -D" + name + "=" + quoted(System.getProperty(name, "")))
                        .collect(Collectors.joining());
    }

    private static String quoted(String value) {
        return value.indexOf(' ') < 0 ? value : "'" + value + "'";
    }

    private static String text(String name, String preset) {
        String given = System.getProperty(name, "");
        return given.isEmpty() ? preset : given;
    }

    private static int number(String name, int preset) {
        return Integer.parseInt(text(name, Integer.toString(preset)));
    }

    private static List<Integer> numbers(String name, String preset) {
        return list(name, preset).stream().map(Integer::valueOf).toList();
    }

    /** Of what stands between commas; {@code none} for nothing. */
    private static List<String> list(String name, String preset) {
        String given = text(name, preset);
        return given.isEmpty() || given.equals("none")
                ? List.of()
                : Arrays.stream(given.split(",")).map(String::strip).toList();
    }
}
