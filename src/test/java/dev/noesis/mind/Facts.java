package dev.noesis.mind;

import dev.noesis.model.MemoryWrite;

/** Facts to be learned. */
public final class Facts {
    private Facts() {}

    public static MemoryWrite write(String subject, String statement) {
        return new MemoryWrite.LearnFact(subject, statement, 0.9);
    }
}
