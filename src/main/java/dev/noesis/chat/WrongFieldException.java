package dev.noesis.chat;

/** A request breaks the contract. The message names the field, and repeats no more of the request than a line can hold. */
final class WrongFieldException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 60;

    WrongFieldException(String message) {
        super(message);
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    /** A name or value of the client's, cut to what a message may repeat: the answer must fit a record whatever came. */
    static String shown(String given) {
        int[] codePoints = given.codePoints().limit(SHOWN + 1).toArray();
        return codePoints.length <= SHOWN ? given : new String(codePoints, 0, SHOWN) + "…";
    }
}
