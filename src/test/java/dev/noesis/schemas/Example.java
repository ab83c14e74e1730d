package dev.noesis.schemas;

import dev.noesis.serde.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A value of the folder {@code schemas/examples}: one that its topic takes, or one that it does not. */
record Example(String topic, String name, boolean valid, JsonNode value) {
    private static final Path FOLDER = Schemas.FOLDER.resolve("examples");

    /** Those of all topics. */
    static Stream<Example> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .flatMap(Example::of)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those of a topic, valid ones first. */
    static Stream<Example> of(String topic) {
        JsonNode file;
        try {
            file = Json.tree(Files.readAllBytes(FOLDER.resolve(topic + ".json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Stream.of(true, false)
                .flatMap(valid -> file.path(valid ? "valid" : "invalid").properties().stream()
                        .map(entry -> new Example(topic, entry.getKey(), valid, entry.getValue())));
    }

    /** The value with a field more. */
    JsonNode with(String field, String text) {
        return ((ObjectNode) value.deepCopy()).put(field, text);
    }

    @Override
    public String toString() {
        return topic + ", " + (valid ? "valid: " : "invalid: ") + name;
    }
}
