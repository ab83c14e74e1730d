package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When an agent looks after itself, and what it may spend on that.
 *
 * @param enabled whether any tick counts, whoever made it
 * @param rhythm when ticks are due; null: they come from outside only
 * @param timezone of the IANA database
 * @param activeHours outside of these no tick counts; null: all day
 * @param misfire what becomes of a tick that was missed
 * @param tokensPerDay what heartbeats may be charged from one midnight to the next; null for no limit
 * @param model of heartbeat runs; null for the lane's default
 * @param checks those that look when a tick comes, and no others; null for all that the worker has
 */
public record Schedule(
        boolean enabled,
        @Nullable Rhythm rhythm,
        String timezone,
        @Nullable ActiveHours activeHours,
        Misfire misfire,
        @Nullable Long tokensPerDay,
        @Nullable String model,
        @Nullable List<CheckPlan> checks) {

    public Schedule {
        Objects.requireNonNull(timezone, "timezone");
        Objects.requireNonNull(misfire, "misfire");
        checks = checks == null ? null : List.copyOf(checks);
    }

    /** The agent's zone; UTC where this machine's database does not know it, as an older one may not. */
    @JsonIgnore
    public ZoneId zone() {
        try {
            return ZoneId.of(timezone);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    /** How ticks follow one another. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Every.class, name = "every"),
        @JsonSubTypes.Type(value = Cron.class, name = "cron")
    })
    public sealed interface Rhythm {
        /** Agents of one rhythm are spread over that time, each at its own place in it. */
        long jitterMs();
    }

    /** At intervals. */
    public record Every(long everyMs, long jitterMs) implements Rhythm {
        public Every {
            if (everyMs < 1 || jitterMs < 0) {
                throw new IllegalArgumentException("an interval is positive, and jitter not negative");
            }
        }
    }

    /** At times of the agent's clock, in the five fields of Unix. */
    public record Cron(String expression, long jitterMs) implements Rhythm {
        public Cron {
            Objects.requireNonNull(expression, "expression");
            if (jitterMs < 0) {
                throw new IllegalArgumentException("jitter is not negative");
            }
        }
    }

    /**
     * From one time of the agent's clock to another; over midnight where the second is the earlier one.
     *
     * @param to the first minute that is not one of them
     */
    public record ActiveHours(
            @JsonFormat(pattern = "HH:mm") LocalTime from,
            @JsonFormat(pattern = "HH:mm") LocalTime to) {
        public ActiveHours {
            if (from.equals(to)) {
                throw new IllegalArgumentException("active hours begin and end at different times");
            }
        }
    }

    /**
     * A check that looks.
     *
     * @param everyMs how often, at most; null for as often as the check itself says
     */
    public record CheckPlan(String name, @Nullable Long everyMs) {
        public CheckPlan {
            Objects.requireNonNull(name, "name");
            if (everyMs != null && everyMs < 1) {
                throw new IllegalArgumentException("an interval is positive");
            }
        }
    }

    /** What becomes of a tick that could not be made in its time. */
    public enum Misfire {
        /** It is skipped, and the next one comes when it is due. */
        SKIP("skip"),
        /** It is made up for, once, however many were missed. */
        FIRE_ONCE("fireOnce");

        private final String id;

        Misfire(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }

        /** @throws IllegalArgumentException for any other word */
        @JsonCreator
        public static Misfire of(String id) {
            return Arrays.stream(values())
                    .filter(misfire -> misfire.id.equals(id))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no policy is named " + id));
        }
    }
}
