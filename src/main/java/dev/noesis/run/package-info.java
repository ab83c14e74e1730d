/**
 * The kernel that both lanes are made of: inputs become decisions, decisions become effects in the outbox, effects are
 * done off the StreamThread, what came of them becomes events in {@code mind.log}, and the fold of those makes the next
 * effects.
 *
 * <p>{@link dev.noesis.run.LaneProcessor} is the StreamThread's side, {@link dev.noesis.run.EffectRunner} the other. They
 * share nothing but messages: the processor hands effects over, and hears of them through the log alone.
 */
@NullMarked
package dev.noesis.run;

import org.jspecify.annotations.NullMarked;
