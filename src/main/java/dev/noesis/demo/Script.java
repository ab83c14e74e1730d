package dev.noesis.demo;

/** What the model server answers. */
public final class Script {
    Responder responder(Reply.Pacing defaults) {
        return request -> null;
    }
}
