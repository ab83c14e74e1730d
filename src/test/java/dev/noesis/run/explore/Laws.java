package dev.noesis.run.explore;

import dev.noesis.mind.Digest;
import dev.noesis.mind.Run;
import dev.noesis.mind.RunState;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.AgentDeleted;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.model.MindEvent.ToolCompleted;
import dev.noesis.run.SteppedLane.Act;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The invariants of the architecture, as far as one state, or one step, can break them. They look at the log, at the stores
 * and at what a task has done, and know nothing of how the kernel comes to it.
 */
final class Laws {
    private final Script script;
    private final Set<Law> broken;

    /** @param broken laws that nobody keeps */
    Laws(Script script, Set<Law> broken) {
        this.script = script;
        this.broken = broken;
    }

    private void broken(Law law, String what) {
        if (!broken.contains(law)) {
            throw new Violation(law, what);
        }
    }

    // ---- a record was folded

    /** @param node the record that the task was given */
    void folded(LogNode node, View before, View after) {
        Digest hash = after.storeHash();
        if (node.storeHash == null) {
            node.storeHash = hash;
        } else if (!node.storeHash.equals(hash)) {
            broken(Law.FOLDS_EQUAL, "two folds differ at offset " + node.offset + " of the log");
        }
        Digest was = node.before == null ? Digest.ZERO : Objects.requireNonNull(node.before.storeHash);
        if (node.isStale && !was.equals(hash)) {
            broken(
                    Law.FENCE,
                    "a decision of one who owns nothing any more counted: "
                            + node.record.truth().eventId());
        }
        firstWins(node, before, after);
        oneAtATime(after);
        outbox(node, before, after);
    }

    private void firstWins(LogNode node, View before, View after) {
        if (node.record.truth().body() instanceof AgentDeleted) {
            return;
        }
        before.runs().forEach((id, was) -> {
            Run is = after.runs().get(id);
            if (was.isOpen()) {
                if (is != null && !was.state().equals(is.state())) {
                    moved(node, was, is);
                }
            } else if (is == null || !is.state().equals(was.state())) {
                broken(Law.FIRST_WINS, "run " + id + " had ended, and is not what it was");
            }
        });
        int tools = script.toolCalls();
        if (after.facts() > tools) {
            broken(Law.FIRST_WINS, after.facts() + " facts were learned by " + tools + " tool calls");
        }
    }

    /** An answer counts for the step that it was asked for, and once. */
    private void moved(LogNode node, Run was, Run is) {
        MindEvent truth = node.record.truth();
        int step = ((RunState.Open) was.state()).step();
        if (truth.body() instanceof StepCompleted completed
                && (!was.runId().equals(truth.runId()) || completed.step() != step)) {
            broken(Law.FIRST_WINS, "the answer " + truth.eventId() + " moved " + was.runId() + " on from " + step);
        }
        if (is.state() instanceof RunState.Open open && (open.step() < step || open.step() > step + 1)) {
            broken(Law.FIRST_WINS, was.runId() + " went from step " + step + " to " + open.step());
        }
    }

    private void oneAtATime(View view) {
        Set<String> busy = new HashSet<>();
        for (Run run : view.runs().values()) {
            String what = run.lane() == Lane.CHAT ? "thread " + run.threadId() : "the heartbeat";
            if (run.isOpen() && !busy.add(what)) {
                broken(Law.ONE_AT_A_TIME, what + " has two open runs");
            }
        }
    }

    /** What is taken out of the outbox is done with: the record says so, and it is one that counts. */
    private void outbox(LogNode node, View before, View after) {
        MindEvent truth = node.record.truth();
        for (String key : before.outbox()) {
            if (!after.outbox().contains(key)) {
                boolean isOfRun = (truth.runId() != null && key.contains("\0" + truth.runId()))
                        || key.endsWith("\0" + truth.eventId())
                        || truth.body() instanceof AgentDeleted;
                if (node.isStale || !isOfRun) {
                    broken(
                            Law.OUTBOX,
                            key.replace('\0', ' ') + " was taken out of the outbox by " + (node.isStale ? "stale " : "")
                                    + truth.eventId());
                }
            }
        }
    }

    // ---- a task had something done

    /** @param log what stands in it */
    void launched(Act act, LogNode log, View view, Lane lane, int now) {
        switch (act) {
            case Act.Append append -> {
                int barrier = owned(append.incarnation(), log);
                if (append.event().body() instanceof RunOpened) {
                    notOpened(append, log, barrier);
                }
            }
            case Act.CallModel call -> {
                int barrier = owned(call.incarnation(), log);
                String run = call.call().run();
                int step = call.call().step();
                for (LogNode node = upTo(log, barrier); node != null; node = node.before) {
                    MindEvent truth = node.record.truth();
                    if (run.equals(truth.runId())
                            && truth.body() instanceof StepCompleted completed
                            && completed.step() == step) {
                        broken(
                                Law.PAID_ONCE,
                                call.incarnation() + " asks for " + run + "/" + step + " again, whose answer "
                                        + truth.eventId() + " stands before its barrier");
                    }
                }
                Run of = view.runs().get(run);
                if (of == null || !(of.state() instanceof RunState.Open open) || open.step() != step) {
                    broken(Law.ONE_AT_A_TIME, run + "/" + step + " is asked for, and its run is not there");
                }
                if (!call.waits()) {
                    notLeft(new CallRef(call.call().agent(), run, step, null), upTo(log, barrier), lane, now);
                }
            }
            case Act.CallTool call -> {
                int barrier = owned(call.incarnation(), log);
                for (LogNode node = upTo(log, barrier); node != null; node = node.before) {
                    MindEvent truth = node.record.truth();
                    if (call.call().runId().equals(truth.runId())
                            && truth.body() instanceof ToolCompleted completed
                            && completed.callId().equals(call.call().callId())) {
                        broken(Law.PAID_ONCE, call.incarnation() + " calls the tool again that " + truth.eventId());
                    }
                }
                if (!call.waits()) {
                    CallRef ref = new CallRef(
                            call.call().agentId(),
                            call.call().runId(),
                            call.call().step(),
                            call.call().callId());
                    notLeft(ref, upTo(log, barrier), lane, now);
                }
            }
            case Act.Announce _, Act.Cancel _, Act.HandOver _, Act.Abandon _, Act.Write _ -> {
                // no decision
            }
        }
    }

    /** Offset of its barrier, which it must have. */
    private int owned(String incarnation, LogNode log) {
        LogNode barrier = log == null ? null : log.barrier(incarnation);
        if (barrier == null) {
            broken(Law.BARRIER, incarnation + " decides before its barrier stands in the log");
            return log == null ? -1 : log.offset;
        }
        return barrier.offset;
    }

    private static LogNode upTo(LogNode log, int offset) {
        return offset < 0 ? null : log.at(offset);
    }

    private void notOpened(Act.Append append, LogNode log, int barrier) {
        for (LogNode node = upTo(log, barrier); node != null; node = node.before) {
            MindEvent truth = node.record.truth();
            if (!node.isStale && truth.eventId().equals(append.event().eventId())) {
                broken(
                        Law.PAID_ONCE,
                        append.incarnation() + " opens " + truth.runId()
                                + " again, which was opened before its barrier");
            }
        }
    }

    /** What a predecessor, or one before it, left to finish is not made again before its time is over. */
    private void notLeft(CallRef call, LogNode barrier, Lane lane, int now) {
        for (LogNode node = barrier == null ? null : barrier.before; node != null; node = node.before) {
            MindEvent truth = node.record.truth();
            if (truth.lane() == lane
                    && !node.isStale
                    && truth.body() instanceof Handover(List<CallRef> calls, long forMs)
                    && calls.contains(call)
                    && Tasks.millis(now) < Tasks.millis(node.time) + forMs) {
                broken(Law.HANDOVER, call.runId() + "/" + call.step() + " was left to finish");
            }
        }
    }

    // ---- a client was told something

    /** @param told what clients were told before, committed or not */
    void answered(String answer, Set<String> told, View view) {
        if (!told.add(answer)) {
            broken(Law.ONE_REPLY, answer + " a second time");
        }
        Run run = answer.startsWith(Moves.REPLY) ? view.runs().get(answer.substring(Moves.REPLY.length())) : null;
        if (run != null && run.turn() > 0) {
            for (Run other : view.runs().values()) {
                if (other.lane() == Lane.CHAT
                        && other.threadId().equals(run.threadId())
                        && other.turn() >= 0
                        && other.turn() < run.turn()
                        && !told.contains(Moves.REPLY + other.runId())) {
                    broken(Law.IN_ORDER, answer + " before that of " + other.runId());
                }
            }
        }
    }

    // ---- nothing moves any more

    void settled(Set<String> told, View chat, View heartbeat) {
        for (String run : script.runs()) {
            if (!told.contains(Moves.REPLY + run)) {
                broken(Law.NOTHING_LOST, "nothing moves any more, and run " + run + " has no reply");
            }
        }
        for (String tick : script.ticks()) {
            if (!told.contains(Moves.OUTCOME + tick)) {
                broken(Law.NOTHING_LOST, "nothing moves any more, and tick " + tick + " has no outcome");
            }
        }
        for (View view : List.of(chat, heartbeat)) {
            if (!view.outbox().isEmpty()) {
                broken(Law.NOTHING_LOST, "nothing moves any more, and the outbox has " + view.outbox());
            }
        }
    }
}
