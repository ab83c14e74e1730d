package dev.noesis.mind;

import dev.noesis.model.MindEvent;

/**
 * What a build of this software can fold. Each barrier names it, so that the lanes know of each other.
 *
 * @param logVersion the highest version of an event: one that is higher stops the task
 * @param foldVersion what the fold means: a store that was folded by another is folded anew
 */
public record Build(int logVersion, int foldVersion) {
    public static final Build THIS = new Build(MindEvent.VERSION, Cognition.FOLD_VERSION);
}
