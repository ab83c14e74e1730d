package dev.noesis.serde;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of every topic and store. Unknown fields are ignored, absent ones are left out, and the same value always gives
 * the same bytes: hashes are taken of them.
 *
 * <p><b>Threading.</b> Immutable.
 */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .changeDefaultPropertyInclusion(i -> i.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private Json() {}

    /**
     * The value as UTF-8.
     *
     * @throws tools.jackson.core.JacksonException if it cannot be written
     */
    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /**
     * @throws tools.jackson.core.JacksonException if the bytes are no JSON of that shape
     */
    public static <T> T read(byte[] json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }

    /**
     * Any JSON as a tree; an empty value is a missing node.
     *
     * @throws tools.jackson.core.JacksonException if the bytes are no JSON
     */
    public static JsonNode tree(byte[] json) {
        return MAPPER.readTree(json);
    }

    /** @see #tree(byte[]) */
    public static JsonNode tree(String json) {
        return MAPPER.readTree(json);
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static JsonMapper mapper() {
        return MAPPER;
    }
}
