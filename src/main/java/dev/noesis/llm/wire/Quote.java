package dev.noesis.llm.wire;

/** Texts that come from outside, made fit for a message. */
public final class Quote {
    private static final int LONGEST = 300;

    private Quote() {}

    /** One line of bounded length of that text. */
    public static String of(String text) {
        String line = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
