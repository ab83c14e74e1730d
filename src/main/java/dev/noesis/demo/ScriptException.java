package dev.noesis.demo;

/** A script that cannot be used. The message names the file, the line and the key, and says what is allowed there. */
public final class ScriptException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    ScriptException(String message) {
        super(message);
    }
}
