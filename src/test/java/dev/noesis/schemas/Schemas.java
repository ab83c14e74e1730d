package dev.noesis.schemas;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.noesis.serde.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The schemas of the folder {@code schemas}, as they are published or closed. The published ones let unknown fields pass, as
 * readers must; closed ones do not, so that a field that is written and not described is found.
 *
 * <p><b>Threading.</b> Immutable.
 */
public final class Schemas {
    static final Path FOLDER = Path.of(System.getProperty("basedir", "")).resolve("schemas");

    /** Nothing can be fetched from there, so that a reference to a file that is missing is an error. */
    private static final String BASE = "https://schemas.invalid/";

    private static final String DIALECT = SpecificationVersion.DRAFT_2020_12.getDialectId();

    private final Map<String, String> files;
    private final SchemaRegistry registry;

    private Schemas(UnaryOperator<JsonNode> change) {
        files = new HashMap<>();
        for (Path file : listing()) {
            files.put(
                    BASE + file.getFileName(),
                    change.apply(Json.tree(read(file))).toString());
        }
        registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(files)
                        .schemaRegistryConfig(SchemaRegistryConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build()));
    }

    public static Schemas published() {
        return new Schemas(UnaryOperator.identity());
    }

    public static Schemas closed() {
        return new Schemas(Schemas::close);
    }

    /** The names of the files that are schemas, sorted. */
    static List<String> names() {
        return listing().stream().map(file -> file.getFileName().toString()).toList();
    }

    static JsonNode tree(String name) {
        return Json.tree(read(FOLDER.resolve(name)));
    }

    /** What is wrong with the value, by the schema in that file; empty if nothing is. */
    public List<String> problems(String name, JsonNode value) {
        return sentences(schema(BASE + name).validate(value));
    }

    /** What is wrong with a schema, by the dialect's own. */
    List<String> problemsOfSchema(JsonNode schema) {
        return sentences(schema(DIALECT).validate(schema));
    }

    private Schema schema(String location) {
        return registry.getSchema(SchemaLocation.of(location));
    }

    private static List<String> sentences(List<Error> errors) {
        return errors.stream().map(Error::toString).toList();
    }

    /** Closes each object that lists its fields. A condition lists some of them, and does not say that it is an object. */
    private static JsonNode close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("type").asString("").equals("object")
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        new ArrayList<>(node.values()).forEach(Schemas::close);
        return node;
    }

    private static List<Path> listing() {
        try (Stream<Path> all = Files.list(FOLDER)) {
            return all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
