package dev.noesis.llm.wire;

import dev.noesis.llm.LlmFailure.Kind;

/** Carries a stream's fault to {@link AnswerStream}, which turns it into an outcome; it never leaves a wire format. */
public final class BadStream extends RuntimeException {
    private static final long serialVersionUID = 1;

    final Kind kind;
    private final String reason;

    private BadStream(Kind kind, String reason) {
        super(reason, null, false, false);
        this.kind = kind;
        this.reason = reason;
    }

    /** The stream breaks the protocol. */
    public static BadStream protocol(String message) {
        return new BadStream(Kind.PROTOCOL, message);
    }

    static BadStream tooLarge(int maxBytes) {
        return new BadStream(Kind.ANSWER_TOO_LARGE, "the answer is longer than " + maxBytes + " bytes");
    }

    @Override
    public String getMessage() {
        return reason;
    }
}
