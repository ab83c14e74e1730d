package dev.noesis.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do what it was asked; the message is the one line that its user reads. The exit code is 1. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandException(String message) {
        this(message, null);
    }

    public CommandException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
