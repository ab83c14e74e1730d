package dev.noesis.check;

import dev.noesis.model.AgentId;
import dev.noesis.serde.ClientJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What clients asked for, as the contract of {@code chat.requests} reads. */
final class ChatRequests {
    /** How often each run was asked for, by agent and run. */
    final Map<String, Integer> asked = new HashMap<>();
    /** Those of records that cannot be answered. */
    final Set<String> unreadable = new HashSet<>();
    /** Runs whose cancel was asked for. */
    final Set<String> cancelled = new HashSet<>();
    /** Deletions, by agent. */
    final List<String> deletions = new ArrayList<>();

    ChatRequests(History history) {
        for (Seen record : history.of(history.topics().chatRequests())) {
            if (history.isAtHome(record) || record.value() == null) {
                read(record);
            }
        }
    }

    private void read(Seen record) {
        JsonNode input = object(record);
        if (input == null) {
            unreadable.add(record.place());
            return;
        }
        String type = input.path("type").asString("");
        if (type.equals("delete")) {
            deletions.add(record.agent());
            return;
        }
        String runId = input.path("runId").isString() ? input.path("runId").asString() : null;
        if (AgentId.checkPart("runId", runId) != null) {
            unreadable.add(record.place());
            return;
        }
        String id = Referee.id(record.agent(), runId);
        if (type.equals("cancel")) {
            if (input.path("threadId").isString()) {
                cancelled.add(id);
            } else {
                unreadable.add(record.place());
            }
        } else {
            asked.merge(id, 1, Integer::sum);
        }
    }

    private static @Nullable JsonNode object(Seen record) {
        if (AgentId.check(record.key() == null ? null : record.agent()) != null || record.value() == null) {
            return null;
        }
        try {
            return ClientJson.object(record.value());
        } catch (ClientJson.UnreadableException e) {
            return null;
        }
    }
}
