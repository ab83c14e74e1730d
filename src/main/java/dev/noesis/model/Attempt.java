package dev.noesis.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Comparator;

/**
 * Names one model call. In JSON {@code [barrier, n]}, so that any reader can order two of them.
 *
 * @param barrier offset in {@code mind.log} of the barrier under which the call was launched
 * @param n counts the calls launched under that barrier, from 0; it lives in memory, never in a store,
 *     because a store rolls back with its transaction and would give the same number twice
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"barrier", "n"})
public record Attempt(long barrier, long n) implements Comparable<Attempt> {
    /** Below every attempt that was ever made. */
    public static final Attempt NONE = new Attempt(-1, -1);

    private static final Comparator<Attempt> ORDER =
            Comparator.comparingLong(Attempt::barrier).thenComparingLong(Attempt::n);

    @JsonCreator
    public Attempt {}

    @Override
    public int compareTo(Attempt other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return barrier + "." + n;
    }
}
