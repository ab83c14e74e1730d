package dev.noesis.run;

/** Cutting text, so that what is left can be encoded. */
final class Text {
    private Text() {}

    /** Its first characters, at most that many; half of a surrogate pair is left out. */
    static String first(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit);
    }
}
