package dev.noesis.mind;

import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MemoryWrite.Stakes;
import dev.noesis.model.MemoryWrite.Verdict;
import dev.noesis.model.Origin;

/** Decisions to be recorded and reviewed. */
public final class Decisions {
    private Decisions() {}

    public static MemoryWrite record(String id, double confidence) {
        return new MemoryWrite.RecordDecision(id, "do " + id, "because", confidence, Stakes.MEDIUM, "errands");
    }

    public static MemoryWrite review(String id, Verdict verdict) {
        return new MemoryWrite.ReviewDecision(id, verdict, "it was a " + verdict.id());
    }

    /** @param verdict null where it waits for its review */
    public static Memory.Decision kept(String id, double confidence, Verdict verdict) {
        return new Memory.Decision(
                id,
                "do " + id,
                "because",
                confidence,
                Stakes.MEDIUM,
                "errands",
                Origin.MODEL,
                0,
                "t1",
                verdict == null ? null : new Memory.Review(verdict, "it was a " + verdict.id(), 1));
    }
}
