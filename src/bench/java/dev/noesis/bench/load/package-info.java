/**
 * The load benchmark: {@code mvn -Pbench -Dbench=worker}. {@link dev.noesis.bench.load.LoadBench} tells the story.
 *
 * <p>Broker, model server and the subject under load are processes of their own; the load and the measuring are this one.
 * Subjects are the worker and three {@linkplain dev.noesis.bench.load.Rival others} that do the same with less promised.
 */
@NullMarked
package dev.noesis.bench.load;

import org.jspecify.annotations.NullMarked;
