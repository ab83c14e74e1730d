package dev.noesis.chat;

import dev.noesis.chat.WaitingRuns.Place;
import dev.noesis.config.LaneConfig;
import dev.noesis.run.Desk;
import dev.noesis.run.Events;
import dev.noesis.run.FairQueue;
import java.util.HashSet;
import java.util.Set;

/**
 * Which of the waiting runs begins next: the oldest of each thread, agent by agent in turn, no more of an agent and of the
 * lane than may be in flight.
 *
 * <p>It counts only while the task owns its partition. What is folded before that was let begin by others, and is counted as
 * a whole when an agent's first run is looked at.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Admission {
    private final Desk desk;
    private final LaneConfig lane;
    private final Events events;
    private final WaitingRuns waiting;
    /** Threads whose oldest run may begin, by agent in turn. */
    private FairQueue<Place> ready;
    /** Runs that were let begin under this tenure and have not ended. */
    private final Set<String> begun = new HashSet<>();
    /** Runs that stand in {@link #ready}. */
    private final Set<String> offered = new HashSet<>();

    private boolean owner;

    Admission(Desk desk, LaneConfig lane, Events events, WaitingRuns waiting) {
        this.desk = desk;
        this.lane = lane;
        this.events = events;
        this.waiting = waiting;
        this.ready = newQueue();
    }

    private FairQueue<Place> newQueue() {
        return new FairQueue<>(
                lane.maxInFlightPerAgent(),
                agent -> desk.cognition().agent(agent).openChatRuns());
    }

    /** The task owns its partition from now on; it may have before, and lost it. */
    void recovered() {
        owner = true;
        begun.clear();
        offered.clear();
        ready = newQueue();
        for (Place head : waiting.heads()) {
            if (desk.isPending(head.agentId(), Events.openedId(head.runId()))) {
                begun.add(id(head.agentId(), head.runId()));
                ready.hold(head.agentId());
            } else {
                threadChanged(head.agentId(), head.threadId());
            }
        }
    }

    /** Lets begin what may. */
    void admit() {
        while (begun.size() < 2 * lane.maxInFlight()) {
            Place place = ready.poll();
            if (place == null) {
                return;
            }
            offered.remove(id(place.agentId(), place.runId()));
            WaitingRun run = waiting.load(place);
            if (run == null || isBusy(place.agentId(), place.threadId())) {
                ready.release(place.agentId());
            } else {
                begun.add(id(place.agentId(), place.runId()));
                desk.append(place.agentId(), events.opened(run.runId(), run.threadId(), run.opened()), 0);
            }
        }
    }

    /** The thread's oldest run may begin if nothing of the thread is under way. */
    void threadChanged(String agent, String threadId) {
        Place head = owner ? waiting.head(agent, threadId) : null;
        if (head != null
                && !begun.contains(id(agent, head.runId()))
                && !isBusy(agent, threadId)
                && offered.add(id(agent, head.runId()))) {
            ready.offer(agent, head);
        }
    }

    /** A run that was open has ended. */
    void ended(String agent, String runId) {
        begun.remove(id(agent, runId));
        if (owner) {
            ready.release(agent);
        }
    }

    /** A run that waited waits no more, and was not opened. */
    void left(String agent, String runId) {
        if (begun.remove(id(agent, runId))) {
            ready.release(agent);
        } else if (offered.remove(id(agent, runId))) {
            ready.removeIf(agent, place -> place.runId().equals(runId));
        }
    }

    private boolean isBusy(String agent, String threadId) {
        return desk.cognition().thread(agent, threadId).activeRun() != null;
    }

    private static String id(String agent, String runId) {
        return agent + "\0" + runId;
    }
}
