package dev.noesis.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.header.internals.RecordHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes wrong records of valid ones: in their structure, their bytes, their keys and their headers. The seed decides all. */
final class Mutator {
    /** A record as it is published. */
    record Mutant(byte[] key, byte[] value, RecordHeaders headers) {
        String agent() {
            return key == null ? "" : new String(key, UTF_8);
        }

        @Override
        public String toString() {
            String shown = value == null ? "null" : new String(value, 0, Math.min(400, value.length), UTF_8);
            return (key == null ? "null" : agent()) + " " + shown;
        }
    }

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1.0",
            "1.5",
            "1e400",
            "1e-400",
            "-9223372036854775809",
            "9223372036854775807",
            "1e999999999",
            "99999999999999999999999999",
            "\"\"",
            "\" \"",
            "\"x\"",
            "\"r1\"",
            "\"heartbeat-k1\"",
            "\"cancel\"",
            "\"delete\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"a\\u0000b\"",
            "\"+1000000000-12-31T23:59:59Z\"",
            "\"-999999999-01-01T00:00:00Z\"",
            "\"2026-02-30T00:00:00Z\"",
            "\"2026-11-22T24:00:00Z\"",
            "\"2026-11-22T09:30:60Z\"",
            "\"2026-11-22T09:30:00+01:00\"",
            "[]",
            "{}",
            "[[]]",
            "{\"a\":{\"noesis\":1}}",
            "[\"user\",{\"role\":\"user\"}]");

    private static final List<String> KEYS = List.of(
            "",
            "~chat",
            "~heartbeat",
            " ",
            "a b",
            "ä",
            "a\0b",
            "ada\n",
            "x".repeat(201),
            "x".repeat(200),
            "ada",
            "grace");

    private final RandomGenerator random;

    Mutator(RandomGenerator random) {
        this.random = random;
    }

    /** One of the valid record in some way; now and then none. */
    Mutant mutate(String agent, JsonNode valid) {
        byte[] key = agent.getBytes(UTF_8);
        JsonNode tree = valid.deepCopy();
        int kind = random.nextInt(20);
        if (kind < 11) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                tree = structure(tree);
            }
        }
        byte[] value = tree.toString().getBytes(UTF_8);
        if (kind >= 9 && kind < 16) {
            value = bytes(value);
        }
        if (kind == 16) {
            key = key();
        }
        if (kind == 17) {
            value = whole(value);
        }
        return new Mutant(key, value, kind >= 18 || random.nextInt(8) == 0 ? headers() : new RecordHeaders());
    }

    // ---- structure

    private JsonNode structure(JsonNode root) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        if (containers.isEmpty()) {
            return any();
        }
        JsonNode at = containers.get(random.nextInt(containers.size()));
        if (at instanceof ObjectNode object) {
            change(object);
        } else if (at instanceof ArrayNode array) {
            change(array);
        }
        return root;
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer() && !node.isEmpty()) {
            containers.add(node);
        }
        node.values().forEach(child -> collect(child, containers));
    }

    private void change(ObjectNode object) {
        List<String> names = List.copyOf(object.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        JsonNode value = object.path(name);
        switch (random.nextInt(7)) {
            case 0 -> object.remove(name);
            case 1, 2 -> object.set(name, any());
            case 3 -> {
                object.remove(name);
                object.set(random.nextBoolean() ? name + "x" : "", value);
            }
            case 4 -> {
                String other = names.get(random.nextInt(names.size()));
                object.set(name, object.path(other).deepCopy());
                object.set(other, value);
            }
            case 5 -> object.set(name, random.nextBoolean() ? Json.object().set("a", value) : array(value));
            default -> object.set(unused(), random.nextBoolean() ? any() : value.deepCopy());
        }
    }

    private void change(ArrayNode array) {
        int index = random.nextInt(array.size());
        switch (random.nextInt(4)) {
            case 0 -> array.remove(index);
            case 1 -> array.set(index, any());
            case 2 -> array.add(array.get(index).deepCopy());
            default -> array.set(index, array(array.get(index)));
        }
    }

    private String unused() {
        List<String> names = List.of(
                "type", "agentId", "state", "resume", "tools", "name", "somethingNew", "a\ud800", "noesis", "reason");
        return names.get(random.nextInt(names.size()));
    }

    private JsonNode any() {
        if (random.nextInt(40) == 0) {
            return Json.mapper().valueToTree("long ".repeat(random.nextInt(20_000)));
        }
        return Json.tree(VALUES.get(random.nextInt(VALUES.size())));
    }

    private static ArrayNode array(JsonNode value) {
        return Json.mapper().createArrayNode().add(value);
    }

    // ---- bytes

    private byte[] bytes(byte[] value) {
        int at = value.length == 0 ? 0 : random.nextInt(value.length);
        return switch (random.nextInt(9)) {
            case 0 -> flipped(value, at);
            case 1 -> Arrays.copyOf(value, at);
            case 2 -> inserted(value, at, noise());
            case 3 -> inserted(value, at, Arrays.copyOfRange(value, at, Math.min(value.length, at + 20)));
            case 4 -> inserted(value, 0, new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
            case 5 -> inserted(value, value.length, "} trailing".getBytes(UTF_8));
            case 6 -> inserted(value, Math.min(1, value.length), "\"runId\":\"twice\",".getBytes(UTF_8));
            case 7 -> inserted(value, Math.min(1, value.length), "\"runId\":NaN,".getBytes(UTF_8));
            default -> inserted(value, Math.min(1, value.length), nested());
        };
    }

    private byte[] whole(byte[] value) {
        return switch (random.nextInt(60)) {
            case 0 -> inserted(value, value.length - 1, (",\"more\":\"" + "x".repeat(10 << 20) + "\"").getBytes(UTF_8));
            case 1 -> inserted(value, value.length - 1, (",\"more\":\"" + "x".repeat(4 << 20) + "\"").getBytes(UTF_8));
            case 2, 3, 4, 5, 6, 7 -> new String(value, UTF_8).getBytes(java.nio.charset.StandardCharsets.UTF_16);
            case 8, 9, 10, 11, 12, 13 -> noise();
            case 14, 15, 16, 17 -> "[]".getBytes(UTF_8);
            case 18, 19, 20, 21 -> "  ".getBytes(UTF_8);
            case 22, 23, 24, 25 -> "\"text\"".getBytes(UTF_8);
            case 26, 27, 28, 29, 30, 31, 32, 33, 34, 35 -> new byte[0];
            default -> null;
        };
    }

    private byte[] nested() {
        int depth = 1 + random.nextInt(1_200);
        return ("\"deep\":" + "[".repeat(depth) + "]".repeat(depth) + ",").getBytes(UTF_8);
    }

    private byte[] flipped(byte[] value, int at) {
        byte[] changed = value.clone();
        if (changed.length > 0) {
            changed[at] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    private byte[] noise() {
        byte[] noise = new byte[1 + random.nextInt(12)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] inserted(byte[] value, int at, byte[] more) {
        byte[] changed = new byte[value.length + more.length];
        System.arraycopy(value, 0, changed, 0, at);
        System.arraycopy(more, 0, changed, at, more.length);
        System.arraycopy(value, at, changed, at + more.length, value.length - at);
        return changed;
    }

    // ---- keys and headers

    private byte[] key() {
        int pick = random.nextInt(KEYS.size() + 2);
        if (pick < KEYS.size()) {
            return KEYS.get(pick).getBytes(UTF_8);
        }
        return pick == KEYS.size() ? null : new byte[] {(byte) 0xC3, 0x28, (byte) 0xFF};
    }

    private RecordHeaders headers() {
        RecordHeaders headers = new RecordHeaders();
        int count = random.nextInt(200) == 0 ? 1_000 : random.nextInt(4);
        List<String> names = List.of("traceparent", "ce_id", "content-type", "", "noesis_error", "x");
        for (int i = 0; i < count; i++) {
            String name = names.get(random.nextInt(names.size()));
            headers.add(
                    name,
                    switch (random.nextInt(4)) {
                        case 0 -> null;
                        case 1 -> noise();
                        case 2 -> "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".getBytes(UTF_8);
                        default -> "x".repeat(random.nextInt(2_000)).getBytes(UTF_8);
                    });
        }
        return headers;
    }
}
