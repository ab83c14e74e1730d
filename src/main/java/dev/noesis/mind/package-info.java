/**
 * Cognition: the fold of {@code mind.log} into an agent's memory, and what a model is shown of it.
 *
 * <p>The fold is a pure function of the log. It reads no clock, no configuration and no other topic, so that both lanes, and
 * anyone who folds the log anew, come to the same entries and the same hashes. {@link dev.noesis.mind.RunMachine} says how a
 * run moves, {@link dev.noesis.mind.Cognition} what is kept, {@link dev.noesis.mind.MindStore} how it is kept and hashed,
 * {@link dev.noesis.mind.ContextBuilder} what the model sees.
 */
@NullMarked
package dev.noesis.mind;

import org.jspecify.annotations.NullMarked;
