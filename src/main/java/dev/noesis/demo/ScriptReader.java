package dev.noesis.demo;

import dev.noesis.model.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes rules of YAML; the format is {@link Script}'s. */
final class ScriptReader {
    private static final String[] PACE = {"latency", "tokensPerSecond", "chunk", "pings"};

    private ScriptReader() {}

    static List<ScriptRule> read(YamlNode root) {
        ScriptRule.Pace defaults = ScriptRule.Pace.UNSAID;
        YamlNode rules = root;
        if (!root.isList()) {
            Map<String, YamlNode> fields = root.fields("defaults", "rules");
            YamlNode said = fields.get("defaults");
            if (said != null) {
                defaults = pace(said.fields(PACE));
            }
            rules = fields.get("rules");
            if (rules == null) {
                throw root.wrong("there are no rules");
            }
        }
        List<ScriptRule> read = new ArrayList<>();
        for (YamlNode rule : rules.items()) {
            read.add(rule(rule, defaults));
        }
        return read;
    }

    private static ScriptRule rule(YamlNode node, ScriptRule.Pace defaults) {
        Map<String, YamlNode> fields = node.fields(
                "match",
                "times",
                "per",
                "answer",
                "tools",
                "thinking",
                "latency",
                "tokensPerSecond",
                "chunk",
                "pings",
                "stopReason",
                "usage",
                "fault");
        YamlNode match = fields.get("match");
        Condition condition = match == null ? Condition.EVERYTHING : condition(match);
        int groups =
                condition.regex() == null ? 0 : condition.regex().matcher("").groupCount();
        YamlNode stopReason = fields.get("stopReason");
        YamlNode usage = fields.get("usage");
        YamlNode fault = fields.get("fault");
        Fault read = fault == null ? null : FaultReader.read(fault);
        if (!fields.containsKey("answer")
                && !fields.containsKey("tools")
                && read == null
                && usage == null
                && stopReason == null) {
            throw node.wrong("the rule says nothing: it has no answer, no tools and no fault");
        }
        return new ScriptRule(
                condition,
                times(fields),
                pace(fields).or(defaults),
                template(fields.get("thinking"), groups),
                template(fields.get("answer"), groups),
                tools(fields.get("tools"), groups),
                stopReason == null ? null : stopReason.text(),
                usage == null ? null : usage(usage),
                read);
    }

    private static Condition condition(YamlNode match) {
        if (!match.isMap()) {
            return new Condition(match.text(), null, null, null, null, false);
        }
        Map<String, YamlNode> fields = match.fields("contains", "regex", "system", "model", "toolResult");
        YamlNode regex = fields.get("regex");
        Pattern pattern = regex == null ? null : regex.regex();
        return new Condition(
                text(fields.get("contains")),
                pattern,
                text(fields.get("system")),
                text(fields.get("model")),
                text(fields.get("toolResult")),
                false);
    }

    private static @Nullable Times times(Map<String, YamlNode> fields) {
        YamlNode times = fields.get("times");
        YamlNode per = fields.get("per");
        if (times == null) {
            if (per != null) {
                throw per.wrong("stands only beside times");
            }
            return null;
        }
        return new Times(
                times.wholeNumber(1, 1_000_000),
                per != null && per.oneOf("all", "text").equals("text"));
    }

    private static ScriptRule.Pace pace(Map<String, YamlNode> fields) {
        YamlNode latency = fields.get("latency");
        YamlNode rate = fields.get("tokensPerSecond");
        YamlNode chunk = fields.get("chunk");
        Duration headers = null;
        Duration firstToken = null;
        if (latency != null && latency.isMap()) {
            Map<String, YamlNode> parts = latency.fields("headers", "firstToken");
            headers = duration(parts.get("headers"));
            firstToken = duration(parts.get("firstToken"));
        } else {
            firstToken = duration(latency);
        }
        YamlNode pings = fields.get("pings");
        Duration between = duration(pings);
        if (pings != null && between != null && between.isZero()) {
            throw pings.wrong("a time between pings is longer than 0");
        }
        return new ScriptRule.Pace(
                headers,
                firstToken,
                rate == null ? null : rate.number(),
                chunk == null ? null : chunk.wholeNumber(1, 10_000_000),
                between);
    }

    private static List<ScriptRule.ToolCall> tools(@Nullable YamlNode tools, int groups) {
        List<ScriptRule.ToolCall> calls = new ArrayList<>();
        for (YamlNode tool : tools == null ? List.<YamlNode>of() : tools.items()) {
            Map<String, YamlNode> fields = tool.fields("name", "input");
            YamlNode name = fields.get("name");
            if (name == null) {
                throw tool.wrong("the tool has no name");
            }
            YamlNode input = fields.get("input");
            ObjectNode arguments = input == null ? JsonMapper.shared().createObjectNode() : input.object();
            if (input != null) {
                checkGroups(input, new Template(arguments.toString()), groups);
            }
            calls.add(new ScriptRule.ToolCall(name.text(), arguments));
        }
        return calls;
    }

    private static @Nullable Template template(@Nullable YamlNode node, int groups) {
        if (node == null) {
            return null;
        }
        Template template = new Template(node.text());
        checkGroups(node, template, groups);
        return template;
    }

    private static void checkGroups(YamlNode node, Template template, int groups) {
        if (template.highestGroup() > groups) {
            throw node.wrong("$" + template.highestGroup() + " stands for a group, but the rule's regex has " + groups);
        }
    }

    private static Usage usage(YamlNode node) {
        Map<String, YamlNode> fields = node.fields("input", "output", "cacheRead", "cacheWrite");
        return new Usage(
                tokens(fields.get("input")),
                tokens(fields.get("output")),
                tokens(fields.get("cacheRead")),
                tokens(fields.get("cacheWrite")));
    }

    private static long tokens(@Nullable YamlNode node) {
        return node == null ? 0 : node.wholeNumber(0, Integer.MAX_VALUE);
    }

    private static @Nullable String text(@Nullable YamlNode node) {
        return node == null ? null : node.text();
    }

    private static @Nullable Duration duration(@Nullable YamlNode node) {
        return node == null ? null : node.duration();
    }
}
