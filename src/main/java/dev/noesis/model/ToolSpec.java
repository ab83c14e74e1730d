package dev.noesis.model;

/**
 * A tool as the model sees it.
 *
 * @param name letters, digits, {@code _} and {@code -}, at most 64
 * @param inputSchema a JSON Schema of type object, as JSON text
 */
public record ToolSpec(String name, String description, String inputSchema) {}
