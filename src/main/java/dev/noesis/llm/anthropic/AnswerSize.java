package dev.noesis.llm.anthropic;

/** Counts the bytes of an answer, and says when they are too many. */
final class AnswerSize {
    private final int maxBytes;
    private long bytes;

    AnswerSize(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Adds the length of the text as UTF-8. */
    void add(String text) {
        long length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // two bytes up to 07FF; a pair of surrogates has four, so each counts two; all others have three
                length += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        add(length);
    }

    void add(long more) {
        bytes += more;
        if (bytes > maxBytes) {
            throw BadStream.tooLarge(maxBytes);
        }
    }
}
