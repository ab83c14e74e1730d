/**
 * The heartbeat lane: an agent looks after itself. Ticks come as records, or are made here when the agent's schedule says so.
 * Signals wait until a tick finds them; what it finds becomes one run, on this lane's own client; what that run decided counts
 * when it has finished in the log.
 *
 * <p>{@link dev.noesis.heartbeat.HeartbeatTopology} shows the whole of it, top to bottom.
 */
@NullMarked
package dev.noesis.heartbeat;

import org.jspecify.annotations.NullMarked;
