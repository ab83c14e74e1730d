package dev.noesis.run;

import org.jspecify.annotations.Nullable;

/**
 * A lane's permits for model calls, and the calls that wait for one: round the agents in turn, later steps before first ones,
 * so that what was begun ends before more is begun.
 *
 * <p><b>Threading.</b> One thread at a time: {@link ModelCalls} guards it.
 */
final class Permits {
    private final FairQueue<PendingCall> laterSteps = new FairQueue<>(Integer.MAX_VALUE, _ -> 0);
    private final FairQueue<PendingCall> firstSteps = new FairQueue<>(Integer.MAX_VALUE, _ -> 0);
    private int free;
    private int taken;

    Permits(int count) {
        free = count;
    }

    int free() {
        return free;
    }

    int taken() {
        return taken;
    }

    int waiting() {
        return laterSteps.size() + firstSteps.size();
    }

    /** Lets the call wait. */
    void await(PendingCall call) {
        queue(call).offer(call.spec.agentId(), call);
    }

    /** Takes the call out of its queue. */
    void leave(PendingCall call) {
        queue(call).removeIf(call.spec.agentId(), call::equals);
    }

    /** The next call, which has a permit now; null if none waits, or no permit is free. */
    @Nullable
    PendingCall take() {
        if (free == 0) {
            return null;
        }
        PendingCall call = laterSteps.poll();
        if (call == null) {
            call = firstSteps.poll();
        }
        if (call != null) {
            free--;
            taken++;
            // Turns are all that these queues are for: nothing is held that would have to be remembered.
            queue(call).release(call.spec.agentId());
        }
        return call;
    }

    void giveBack() {
        free++;
        taken--;
    }

    private FairQueue<PendingCall> queue(PendingCall call) {
        return call.spec.step() > 0 ? laterSteps : firstSteps;
    }
}
