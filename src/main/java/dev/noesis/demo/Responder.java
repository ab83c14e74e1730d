package dev.noesis.demo;

import org.jspecify.annotations.Nullable;

/** Chooses the answer to a request. Called by several event loops at once; must not block. */
interface Responder {
    /** The answer; null to leave it to the next. */
    @Nullable
    Answer answer(ModelRequest request);
}
