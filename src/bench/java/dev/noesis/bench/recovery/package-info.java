/**
 * What a deployment does when its processes come and go, and over time: {@link dev.noesis.bench.recovery.RollingBench},
 * {@link dev.noesis.bench.recovery.RecoveryBench} and {@link dev.noesis.bench.recovery.SoakBench}. Broker, model server and
 * workers are processes of their own; load and measuring are this one.
 */
@NullMarked
package dev.noesis.bench.recovery;

import org.jspecify.annotations.NullMarked;
