package dev.noesis.tool;

import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Action;
import dev.noesis.model.MemoryWrite.DecideFinding;
import dev.noesis.model.ToolSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a heartbeat run answers: a decision for each finding. It ends the run, and its decisions count when that has finished. */
public final class HeartbeatRespond implements Tool {
    /** The name by which a run is opened that must end with it. */
    public static final String NAME = "heartbeat_respond";

    /** Together they keep the call's event well below what a record may have, whatever is escaped in it. */
    private static final int MAX_DECISIONS = 100;

    private static final int MAX_TEXT = 4_000;

    @Override
    public ToolSpec spec() {
        return new ToolSpec(NAME, "Say what is to be done about each finding. Call this once, with all of them.", """
                {"type":"object","properties":{"decisions":{"type":"array","items":{"type":"object","properties":{\
                "fingerprint":{"type":"string"},\
                "action":{"type":"string","enum":["acknowledge","notify","act","defer"]},\
                "text":{"type":"string","description":"what to tell a human, or what was done"},\
                "severity":{"type":"string","enum":["low","normal","high"]}},\
                "required":["fingerprint","action"]}}},"required":["decisions"]}""");
    }

    @Override
    public Result call(JsonNode arguments, Invocation invocation) {
        JsonNode decisions = arguments.path("decisions");
        if (!decisions.isArray()) {
            throw new IllegalArgumentException("decisions is required, an array");
        }
        if (decisions.size() > MAX_DECISIONS) {
            throw new IllegalArgumentException("decisions has " + decisions.size() + " entries, and may have "
                    + MAX_DECISIONS + ": one for each finding");
        }
        List<MemoryWrite> writes = new ArrayList<>();
        for (JsonNode decision : decisions) {
            writes.add(new DecideFinding(
                    Arguments.text(decision, "fingerprint", 200),
                    Arguments.oneOf(decision, "action", "acknowledge, notify, act or defer", Action::of),
                    text(decision.path("text"))));
        }
        return new Result("Noted.", false, writes, true);
    }

    private static @Nullable String text(JsonNode node) {
        if (!node.isString()) {
            return null;
        }
        if (node.asString().length() > MAX_TEXT) {
            throw new IllegalArgumentException("text is longer than " + MAX_TEXT + " characters; shorten it");
        }
        return node.asString();
    }
}
