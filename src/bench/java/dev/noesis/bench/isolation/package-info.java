/**
 * What chat notices of a heartbeat in trouble: {@code mvn -Pbench -Dbench=isolation}.
 * {@link dev.noesis.bench.isolation.IsolationBench} tells the story.
 */
@NullMarked
package dev.noesis.bench.isolation;

import org.jspecify.annotations.NullMarked;
