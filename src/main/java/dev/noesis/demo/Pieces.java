package dev.noesis.demo;

import java.util.ArrayList;
import java.util.List;

/** Cuts a text into the pieces that a stream sends; joined they give the text again. */
final class Pieces {
    private Pieces() {}

    /**
     * Pieces of {@code chunk} characters (code points, so that none is cut in two); 0 for words, each with the white
     * space before it.
     */
    static List<String> of(String text, int chunk) {
        List<String> pieces = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = chunk > 0 ? endOfCharacters(text, start, chunk) : endOfWord(text, start);
            pieces.add(text.substring(start, end));
            start = end;
        }
        return pieces;
    }

    /** How many words: what stands for the tokens of a text. */
    static int count(String text) {
        int words = 0;
        for (int start = 0; start < text.length(); words++) {
            start = endOfWord(text, start);
        }
        return words;
    }

    /** Where the first {@code words} words end. */
    static String first(String text, int words) {
        int end = 0;
        for (int i = 0; i < words && end < text.length(); i++) {
            end = endOfWord(text, end);
        }
        return text.substring(0, end);
    }

    private static int endOfCharacters(String text, int start, int count) {
        int end = start;
        for (int i = 0; i < count && end < text.length(); i++) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    private static int endOfWord(String text, int start) {
        int end = start;
        while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }
}
