package dev.noesis.heartbeat.checks;

/** A check could not look, for a reason that its message says in a sentence. It is told as it is, so it shows no secret. */
public final class CheckException extends Exception {
    private static final long serialVersionUID = 1;

    public CheckException(String message) {
        super(message);
    }
}
