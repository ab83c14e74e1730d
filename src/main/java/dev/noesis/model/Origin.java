package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Where something in an agent's memory comes from, so that a prompt can say so.
 *
 * @param trust from 0 (anyone could have written it) to 1 (the operator did)
 */
public record Origin(Kind kind, double trust) {
    public static final Origin USER = new Origin(Kind.USER, 0.8);
    public static final Origin MODEL = new Origin(Kind.MODEL, 0.6);
    public static final Origin TOOL = new Origin(Kind.TOOL, 0.6);
    public static final Origin HEARTBEAT = new Origin(Kind.HEARTBEAT, 0.3);
    public static final Origin OPERATOR = new Origin(Kind.OPERATOR, 1.0);

    public Origin {
        if (!(trust >= 0 && trust <= 1)) {
            throw new IllegalArgumentException("trust is between 0 and 1, not " + trust);
        }
    }

    public enum Kind {
        USER,
        MODEL,
        TOOL,
        HEARTBEAT,
        OPERATOR;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        public static Kind of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT));
        }
    }
}
