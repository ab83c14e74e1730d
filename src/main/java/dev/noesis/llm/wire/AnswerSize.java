package dev.noesis.llm.wire;

/** Counts the bytes of an answer, and says when they are too many. */
public final class AnswerSize {
    private final int maxBytes;
    private long bytes;

    /** @param maxBytes most bytes, as UTF-8 */
    public AnswerSize(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds the length of the text as UTF-8.
     *
     * @throws BadStream if that is too much
     */
    public void add(String text) {
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

    /**
     * Adds that many bytes.
     *
     * @throws BadStream if that is too much
     */
    public void add(long more) {
        bytes += more;
        if (bytes > maxBytes) {
            throw BadStream.tooLarge(maxBytes);
        }
    }
}
