package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One of the two topologies, with all that it owns: threads, producers, model client, event loops. */
public enum Lane {
    CHAT("chat"),
    HEARTBEAT("heartbeat");

    private final String id;

    Lane(String id) {
        this.id = id;
    }

    /** The name used in topics, application ids, thread names and JSON. */
    @JsonValue
    public String id() {
        return id;
    }

    /**
     * The lane of that name.
     *
     * @throws IllegalArgumentException for any other name
     */
    @JsonCreator
    public static Lane of(String id) {
        for (Lane lane : values()) {
            if (lane.id.equals(id)) {
                return lane;
            }
        }
        throw new IllegalArgumentException("no lane is named '" + id + "'; there are chat and heartbeat");
    }
}
