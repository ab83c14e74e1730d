package dev.noesis.bench.fleet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the command line says of a benchmark. What it says nothing of has no property, or an empty one. */
public final class Settings {
    private Settings() {}

    public static String text(String name, String otherwise) {
        String said = System.getProperty(name, "").strip();
        return said.isEmpty() ? otherwise : said;
    }

    public static int number(String name, int otherwise) {
        return Integer.parseInt(text(name, Integer.toString(otherwise)));
    }

    public static double decimal(String name, double otherwise) {
        return Double.parseDouble(text(name, Double.toString(otherwise)));
    }

    /** {@code key=value}, with commas between. */
    public static Map<String, String> pairs(String name) {
        Map<String, String> pairs = new LinkedHashMap<>();
        Stream.of(text(name, "").split(","))
                .filter(pair -> !pair.isBlank())
                .map(pair -> pair.split("=", 2))
                .forEach(pair -> pairs.put(pair[0].strip(), pair[1].strip()));
        return pairs;
    }

    /** Numbers with commas between. */
    public static List<Integer> numbers(String name, String otherwise) {
        return Stream.of(text(name, otherwise).split(","))
                .map(String::strip)
                .map(Integer::valueOf)
                .toList();
    }
}
