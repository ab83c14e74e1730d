package dev.noesis.demo;

/**
 * Bytes that are written together.
 *
 * @param paced waits for its turn at the reply's pace; others follow at once
 * @param alone is flushed by itself, and a moment passes before the next
 */
record Frame(byte[] bytes, boolean paced, boolean alone) {
    static Frame atOnce(byte[] bytes) {
        return new Frame(bytes, false, false);
    }

    static Frame paced(byte[] bytes) {
        return new Frame(bytes, true, false);
    }
}
