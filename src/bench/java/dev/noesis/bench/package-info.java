/** Benchmarks, each a command of its own: {@code mvn -Pbench -Dbench=NAME}. They print figures and assert nothing. */
@NullMarked
package dev.noesis.bench;

import org.jspecify.annotations.NullMarked;
