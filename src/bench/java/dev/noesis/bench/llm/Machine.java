package dev.noesis.bench.llm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What has to be known to judge a figure, or to measure it again. */
final class Machine {
    private static final List<String> LIBRARIES = List.of(
            "netty-transport",
            "reactor-netty-http",
            "anthropic-java-core",
            "openai-java-core",
            "langchain4j-anthropic",
            "okhttp");

    private Machine() {}

    static String describe() {
        return "%d cores (%s), %s %s %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"));
    }

    private static String processor() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"))
                    .lines()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Without those that only this project's logging reads. */
    static List<String> options() {
        return ChildJvm.options().stream()
                .filter(option -> !option.startsWith("-D") || option.startsWith("-Dio.netty."))
                .toList();
    }

    /** As the class path has them. */
    static String versions(Collection<Peer.Kind> clients) {
        String path = System.getProperty("java.class.path");
        return LIBRARIES.stream()
                        .flatMap(library -> Pattern.compile("[/\\\\]" + library + "-(\\d[^/\\\\]*)\\.jar")
                                .matcher(path)
                                .results()
                                .limit(1)
                                .map(found -> library + " " + found.group(1)))
                        .collect(Collectors.joining(", "))
                + "; clients: "
                + clients.stream().map(Peer.Kind::id).collect(Collectors.joining(", "));
    }

    static String command(Collection<Peer.Kind> clients, Collection<String> workloads, int rounds, int seconds) {
        String faults = workloads.stream().anyMatch(workload -> workload.startsWith("fault-")) ? ",faults" : "";
        return "mvn -Pbench -Dbench=llm -Drounds=%d -Dseconds=%d -Dclients=%s -Dworkloads=%s%s"
                .formatted(
                        rounds,
                        seconds,
                        clients.stream().map(Peer.Kind::id).collect(Collectors.joining(",")),
                        workloads.stream()
                                .filter(workload -> !workload.startsWith("fault-"))
                                .collect(Collectors.joining(",")),
                        faults);
    }
}
