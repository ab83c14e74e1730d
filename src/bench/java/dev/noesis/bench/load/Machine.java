package dev.noesis.bench.load;

import dev.noesis.serde.Json;
import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.AppInfoParser;
import tools.jackson.databind.node.ObjectNode;

/** What figures were measured on, and with. */
record Machine(int cores, String cpu, long memoryBytes, String os) {
    static Machine here() {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                first("/proc/cpuinfo", "model name\\s*:\\s*(.+)", "unknown"),
                Long.parseLong(first("/proc/meminfo", "MemTotal:\\s+(\\d+)", "0")) * 1024,
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
    }

    private static String first(String file, String line, String otherwise) {
        try {
            Matcher found = Pattern.compile(line).matcher(Files.readString(Path.of(file)));
            return found.find() ? found.group(1).strip() : otherwise;
        } catch (IOException e) {
            return otherwise;
        }
    }

    ObjectNode json() {
        return Json.object()
                .put("cores", cores)
                .put("cpu", cpu)
                .put("memoryBytes", memoryBytes)
                .put("os", os);
    }

    @Override
    public String toString() {
        return "%d cores of %s, %.1f GiB, %s".formatted(cores, cpu, memoryBytes / 1024.0 / 1024 / 1024, os);
    }

    static ObjectNode versions() {
        var netty = Version.identify().get("netty-common");
        return Json.object()
                .put("java", Runtime.version().toString())
                .put("kafka", AppInfoParser.getVersion())
                .put("netty", netty == null ? "unknown" : netty.artifactVersion())
                .put("parallelConsumer", System.getProperty("parallel-consumer.version", "unknown"));
    }
}
