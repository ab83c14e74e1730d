package dev.noesis.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page that whoever operates a worker reads, against what there is. */
class OperationsPageTest {
    private static final String PAGE = read("src/site/markdown/operations.md");
    private static final Pattern METRIC = Pattern.compile("noesis_[a-z_]+");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");

    @Test
    void everyMetricHasItsRowAndNoOtherHas() {
        assertThat(rows().filter(name -> name.startsWith("noesis_")))
                .containsExactlyInAnyOrderElementsOf(Stream.of(Metric.values())
                        .map(metric -> metric.prometheusNames().getFirst())
                        .toList());
    }

    @Test
    void thePageNamesNoMetricThatDoesNotExist() {
        Set<String> exist = Stream.of(Metric.values())
                .flatMap(metric -> metric.prometheusNames().stream())
                .collect(Collectors.toSet());

        // a header of dead letters
        assertThat(named()).filteredOn(name -> !name.equals("noesis_error")).isSubsetOf(exist);
    }

    @Test
    void everyErrorCodeHasItsRowAndNoOtherHas() {
        assertThat(rows().filter(name -> !name.startsWith("noesis_")))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(ErrorCode.values()).map(ErrorCode::id).toList());
    }

    @Test
    void everySentenceOfALaneThatStoppedStandsInTheSource() throws IOException {
        String table = PAGE.substring(PAGE.indexOf("| it says |"));
        List<String> sentences = table.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(0, line.indexOf('|', 1)))
                .flatMap(cell -> QUOTED.matcher(cell).results().map(quoted -> quoted.group(1)))
                .toList();
        String source;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            // a sentence may be written in several pieces, and with the lane's name in it
            source = files.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> read(file.toString()).replaceAll("\"\\s*\\+\\s*\"", ""))
                    .collect(Collectors.joining());
        }

        assertThat(sentences)
                .hasSizeGreaterThan(9)
                .allSatisfy(sentence -> assertThat(source).contains(sentence));
        assertThat(source.split("new (?:Fold\\.)?StoppedException\\(", -1))
                .as("a lane has a further reason to stop: say on the page what to do about it")
                .hasSize(7);
        assertThat(read("src/main/java/dev/noesis/worker/StreamFailure.java").split("Optional\\.of\\(\"", -1))
                .as("the same, for failures of a StreamThread")
                .hasSize(7);
        assertThat(source.split("refused\\.accept\\(", -1))
                .as("the same, for appends")
                .hasSize(3);
    }

    private static Stream<String> rows() {
        return ROW.matcher(PAGE).results().map(row -> row.group(1));
    }

    private static Set<String> named() {
        Set<String> names = new TreeSet<>();
        Matcher matcher = METRIC.matcher(PAGE);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
