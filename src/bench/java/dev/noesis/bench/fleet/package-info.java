/**
 * What benchmarks of whole deployments share: the processes ({@link dev.noesis.bench.fleet.Fleet}), a load of chat runs
 * ({@link dev.noesis.bench.fleet.ChatLoad}), what is said on the command line, and the report. Broker, model server and
 * workers are processes of their own; load and measuring are the benchmark's.
 */
@NullMarked
package dev.noesis.bench.fleet;

import org.jspecify.annotations.NullMarked;
