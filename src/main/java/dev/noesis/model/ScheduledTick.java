package dev.noesis.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A tick that the built-in scheduler makes. Its name follows from the agent and the time alone, so that whoever makes it
 * makes the same one, and it counts once.
 *
 * @param dueAt epoch milliseconds
 */
public record ScheduledTick(String agent, long dueAt) {
    /** No other tick may have a name that begins so. */
    private static final String PREFIX = "schedule/";

    /** Whether only the scheduler may give a tick that name. */
    public static boolean isReserved(String tickId) {
        return tickId.startsWith(PREFIX);
    }

    /** The agent's tick of that name; null where the scheduler gives no such name. */
    public static @Nullable ScheduledTick named(String agent, String tickId) {
        try {
            ScheduledTick tick = new ScheduledTick(
                    agent,
                    Instant.parse(tickId.substring(tickId.lastIndexOf('/') + 1)).toEpochMilli());
            return tick.id().equals(tickId) ? tick : null;
        } catch (DateTimeParseException | ArithmeticException e) {
            return null;
        }
    }

    /** Its name. Ids of records are unique among all agents, so that it names the agent, too, at the same length always. */
    public String id() {
        return PREFIX + HexFormat.of().formatHex(digest(agent), 0, 8) + "/" + Instant.ofEpochMilli(dueAt);
    }

    /** The agent's place in that time, in milliseconds from 0 on, in whole seconds: the same always, and evenly spread. */
    public static long spread(String agent, long overMs) {
        long seconds = Math.max(1, overMs / 1_000);
        return Math.floorMod(ByteBuffer.wrap(digest(agent)).getLong(Long.BYTES), seconds) * 1_000;
    }

    private static byte[] digest(String agent) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(agent.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
