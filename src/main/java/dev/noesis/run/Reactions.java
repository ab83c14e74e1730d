package dev.noesis.run;

import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which effects follow when a run has moved, and which are done with. Pure: a function of the run before and after.
 *
 * @param done keys of effects to take out of the outbox and, if they still go on, to end
 * @param next effects to put into the outbox
 */
record Reactions(List<String> done, List<Effect> next) {

    static Reactions to(String agent, @Nullable Run before, Run after) {
        List<String> done = new ArrayList<>();
        List<Effect> next = new ArrayList<>();
        if (before != null) {
            done.addAll(pending(agent, before));
        }
        switch (after.state()) {
            case RunState.Thinking(int step) ->
                next.add(new Effect.CallModel(agent, after.threadId(), after.runId(), step, 0));
            case RunState.Waiting(int step, long dueAt) ->
                next.add(new Effect.CallModel(agent, after.threadId(), after.runId(), step, dueAt));
            case RunState.Acting acting -> {
                if (before != null && before.state() instanceof RunState.Acting) {
                    done.removeAll(pending(agent, after));
                } else {
                    for (RunState.Call call : acting.calls()) {
                        next.add(new Effect.CallTool(
                                agent,
                                after.threadId(),
                                after.runId(),
                                acting.step(),
                                call.id(),
                                call.tool(),
                                call.input()));
                    }
                }
            }
            case RunState.Ended _ -> done.add(Effect.Append.key(agent, Events.expiryId(after.runId())));
        }
        return new Reactions(done, next);
    }

    /** What is done with when the run is gone, whatever state it was in. */
    static List<String> gone(String agent, Run run) {
        List<String> done = new ArrayList<>(pending(agent, run));
        done.add(Effect.Append.key(agent, Events.expiryId(run.runId())));
        return done;
    }

    /** The effects that a run in that state waits for. */
    private static List<String> pending(String agent, Run run) {
        return switch (run.state()) {
            case RunState.Thinking(int step) -> List.of(Effect.CallModel.key(agent, run.runId(), step));
            case RunState.Waiting(int step, long _) -> List.of(Effect.CallModel.key(agent, run.runId(), step));
            case RunState.Acting acting ->
                acting.calls().stream()
                        .filter(call -> call.answer() == null)
                        .map(call -> Effect.CallTool.key(agent, run.runId(), acting.step(), call.id()))
                        .toList();
            case RunState.Ended _ -> List.of();
        };
    }
}
