package dev.noesis.demo;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A request to a model with a body of JSON, valid or not by its API's rules.
 *
 * @param number counts from 1, in order of arrival
 * @param headers by name in lower case; the key's value is hidden
 */
public record RecordedCall(long number, Map<String, String> headers, JsonNode body) {
    public RecordedCall {
        headers = Map.copyOf(headers);
    }
}
