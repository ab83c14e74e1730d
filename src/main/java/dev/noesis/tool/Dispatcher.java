package dev.noesis.tool;

import dev.noesis.model.ToolSpec;
import dev.noesis.serde.Json;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Knows the tools by name and makes their calls.
 *
 * <p><b>Threading.</b> Immutable.
 */
public final class Dispatcher {
    private final Map<String, Tool> tools = new LinkedHashMap<>();
    private final Map<String, Set<Tool.View>> views = new HashMap<>();

    /** @throws IllegalArgumentException if two tools have one name */
    public Dispatcher(Collection<? extends Tool> tools) {
        for (Tool tool : tools) {
            if (this.tools.putIfAbsent(tool.spec().name(), tool) != null) {
                throw new IllegalArgumentException(
                        "two tools are named '" + tool.spec().name() + "'");
            }
            views.put(tool.spec().name(), Set.copyOf(tool.views()));
        }
    }

    /** The specs of these tools, in the order they were registered; unknown names are left out. */
    public List<ToolSpec> specs(Collection<String> names) {
        return tools.values().stream()
                .map(Tool::spec)
                .filter(spec -> names.contains(spec.name()))
                .toList();
    }

    /** What calls of that tool are to be shown of the agent's memory; nothing where there is no such tool. */
    public Set<Tool.View> views(String name) {
        return views.getOrDefault(name, Set.of());
    }

    /**
     * Makes the call. Whatever goes wrong becomes an answer that the model can read.
     *
     * @param allowed the names that this run may use
     * @param arguments JSON text
     * @throws InterruptedException if the caller was interrupted: the call ran out of time
     */
    public Tool.Result dispatch(String name, String arguments, Collection<String> allowed, Tool.Invocation invocation)
            throws InterruptedException {
        Tool tool = tools.get(name);
        if (tool == null || !allowed.contains(name)) {
            return Tool.Result.error("there is no tool named '" + name + "' here");
        }
        JsonNode tree;
        try {
            tree = Json.tree(arguments);
        } catch (JacksonException e) {
            return Tool.Result.error("the arguments are not JSON: " + e.getOriginalMessage());
        }
        try {
            return Objects.requireNonNull(tool.call(tree, invocation));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            String why = e.getMessage();
            return Tool.Result.error(why == null ? e.getClass().getSimpleName() : why);
        }
    }
}
