/**
 * The checker: it reads the topics of a deployment, and nothing else, and says which of the promises were not kept.
 *
 * <p>{@link dev.noesis.check.Rule} is the list of what is promised. {@link dev.noesis.check.Checker} goes through a history
 * partition by partition, for everything about an agent stands in one. The inputs are read first; then the log, by a
 * {@link dev.noesis.check.Referee} that decides by rules of its own what counted; then what the lanes told the world, each
 * record held against what the referee saw.
 *
 * <p>It shares with the kernel the record types, their codec and {@link dev.noesis.mind.Fold}. The fold is used for one thing:
 * to hold it against the lanes' checkpoints, and against the referee.
 */
@NullMarked
package dev.noesis.check;

import org.jspecify.annotations.NullMarked;
