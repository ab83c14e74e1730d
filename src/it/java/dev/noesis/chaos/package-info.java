/**
 * The chaos run: a cluster of real processes under load, to which a seeded schedule of faults happens, and whose history is
 * held against the contracts when all is still again. {@link dev.noesis.chaos.Chaos} is the command, {@code ChaosIT} a piece of
 * it that {@code mvn verify} runs; {@code src/site/markdown/chaos.md} tells what is done and what is asserted.
 */
@NullMarked
package dev.noesis.chaos;

import org.jspecify.annotations.NullMarked;
