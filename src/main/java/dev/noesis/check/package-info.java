/**
 * A checker that reads topics and nothing else. It shares with the kernel the record types, their codec and
 * {@link dev.noesis.mind.Fold}, which it holds against checkpoints; what counted in a log it decides by rules of its own.
 */
@NullMarked
package dev.noesis.check;

import org.jspecify.annotations.NullMarked;
