package dev.noesis.check;

import dev.noesis.check.LoggedRun.Ending;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Finding;
import dev.noesis.model.Lane;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Barrier;
import dev.noesis.model.MindEvent.RunOpened;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads the mind log by the words of the design: decisions count from the owner of the partition, completions from anyone,
 * and of several the first. It has no code of the kernel's fold, so that an error there is not repeated here.
 */
final class Referee {
    private final BiConsumer<Rule, String> violation;
    private final Map<String, LoggedRun> known = new LinkedHashMap<>();
    private final List<LoggedRun> all = new ArrayList<>();
    private final Map<String, LoggedRun> activeOfThread = new HashMap<>();
    private final Map<String, LoggedRun> heartbeatOfAgent = new HashMap<>();
    private final Map<Integer, Map<Lane, Tenures>> tenures = new HashMap<>();
    private final Map<String, Set<String>> raised = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();

    /** Who owned a partition in one lane. */
    static final class Tenures {
        @Nullable
        String owner;

        private boolean handedOver;
        /** How many began. */
        int count;
        /** How many began after one that had not handed over. */
        int deaths;
    }

    /** @param violation told what the log itself breaks */
    Referee(BiConsumer<Rule, String> violation) {
        this.violation = violation;
    }

    void read(List<Seen> log) {
        log.stream()
                .sorted(Comparator.comparingInt(Seen::partition).thenComparingLong(Seen::offset))
                .forEach(this::read);
    }

    /** All runs, in the order in which the log names them first. */
    List<LoggedRun> runs() {
        return all;
    }

    /** The runs of that name; several only where the agent was deleted in between. */
    List<LoggedRun> runs(String agent, String runId) {
        return all.stream()
                .filter(run -> run.agent.equals(agent) && run.runId.equals(runId))
                .toList();
    }

    Tenures tenures(int partition, Lane lane) {
        return tenures.computeIfAbsent(partition, _ -> new EnumMap<>(Lane.class))
                .computeIfAbsent(lane, _ -> new Tenures());
    }

    /** How many tasks of the lane ended without handing over. */
    int deaths(Lane lane) {
        return tenures.values().stream()
                .map(lanes -> lanes.get(lane))
                .filter(Objects::nonNull)
                .mapToInt(tenure -> tenure.deaths)
                .sum();
    }

    /** Fingerprints of all that ticks raised for the agent. */
    Set<String> raised(String agent) {
        return raised.getOrDefault(agent, Set.of());
    }

    boolean wasDeleted(String agent) {
        return deleted.contains(agent);
    }

    private void read(Seen record) {
        MindEvent event;
        try {
            event = Json.read(record.value() == null ? new byte[0] : record.value(), MindEvent.class);
            if (event.body() == null || (event.body() instanceof Barrier barrier && barrier.incarnation() == null)) {
                violation.accept(Rule.LOG, record.place() + " is no event: it lacks what its type has");
                return;
            }
        } catch (JacksonException e) {
            violation.accept(Rule.LOG, record.place() + " is no event: " + e.getOriginalMessage());
            return;
        }
        if (event.isDecision() && !String.valueOf(event.stamp()).equals(tenures(record, event).owner)) {
            return;
        }
        String agent = record.agent();
        switch (event.body()) {
            case Barrier barrier -> began(tenures(record, event), barrier);
            case MindEvent.Handover _ -> tenures(record, event).handedOver = true;
            case MindEvent.Checkpoint _, MindEvent.Republished _ -> {
                // says nothing about an agent
            }
            case RunOpened opened -> opened(record, event, opened);
            case StepCompleted completed -> {
                LoggedRun run = known.get(id(agent, event.runId()));
                if (run != null) {
                    wrong(record, run, run.completed(completed));
                    settle(run);
                }
            }
            case MindEvent.StepFailed failed -> {
                LoggedRun run = known.get(id(agent, event.runId()));
                if (run != null) {
                    run.failed(failed);
                    settle(run);
                }
            }
            case MindEvent.ToolCompleted completed -> {
                LoggedRun run = known.get(id(agent, event.runId()));
                if (run != null) {
                    wrong(record, run, run.toolCompleted(completed));
                    settle(run);
                }
            }
            case MindEvent.RunCancelled(String reason) -> ended(record, event, new Ending.Cancelled(reason));
            case MindEvent.RunExpired _ -> ended(record, event, new Ending.Failed(ErrorCode.DEADLINE_EXCEEDED));
            case MindEvent.FindingsRaised findings -> {
                Set<String> ofAgent = raised.computeIfAbsent(agent, _ -> new HashSet<>());
                findings.findings().stream().map(Finding::fingerprint).forEach(ofAgent::add);
            }
            case MindEvent.AgentDeleted _ -> {
                deleted.add(agent);
                all.stream().filter(run -> run.agent.equals(agent)).forEach(run -> {
                    run.end(new Ending.Cancelled("the agent was deleted"));
                    settle(run);
                    known.remove(id(agent, run.runId));
                });
            }
        }
    }

    private Tenures tenures(Seen record, MindEvent event) {
        return tenures(record.partition(), event.lane());
    }

    private static void began(Tenures tenures, Barrier barrier) {
        if (barrier.incarnation().equals(tenures.owner)) {
            return;
        }
        tenures.deaths += tenures.count > 0 && !tenures.handedOver ? 1 : 0;
        tenures.count++;
        tenures.handedOver = false;
        tenures.owner = barrier.incarnation();
    }

    private void opened(Seen record, MindEvent event, RunOpened opened) {
        String agent = record.agent();
        if (known.containsKey(id(agent, event.runId()))) {
            return;
        }
        LoggedRun run = new LoggedRun(
                agent,
                String.valueOf(event.runId()),
                String.valueOf(event.threadId()),
                event.lane(),
                record.partition(),
                record.offset(),
                opened.requestOffset(),
                opened.spec());
        LoggedRun active = activeOfThread.get(id(agent, run.threadId));
        LoggedRun beating = run.lane == Lane.HEARTBEAT ? heartbeatOfAgent.get(agent) : null;
        if (active != null || beating != null) {
            violation.accept(
                    Rule.ONE_STEP,
                    record.place() + " begins " + run + " while " + (active != null ? active : beating) + " goes on");
            return;
        }
        add(run);
        activeOfThread.put(id(agent, run.threadId), run);
        if (run.lane == Lane.HEARTBEAT) {
            heartbeatOfAgent.put(agent, run);
        }
    }

    private void ended(Seen record, MindEvent event, Ending how) {
        LoggedRun run = known.get(id(record.agent(), event.runId()));
        if (run == null) {
            run = new LoggedRun(
                    record.agent(),
                    String.valueOf(event.runId()),
                    String.valueOf(event.threadId()),
                    event.lane(),
                    record.partition(),
                    -1,
                    -1,
                    null);
            add(run);
        }
        run.end(how);
        settle(run);
    }

    private void add(LoggedRun run) {
        known.put(id(run.agent, run.runId), run);
        all.add(run);
    }

    private void settle(LoggedRun run) {
        if (!run.isOpen()) {
            activeOfThread.remove(id(run.agent, run.threadId), run);
            heartbeatOfAgent.remove(run.agent, run);
        }
    }

    private void wrong(Seen record, LoggedRun run, @Nullable String what) {
        if (what != null) {
            violation.accept(Rule.ONE_STEP, record.place() + ": " + run + ": " + what);
        }
    }

    /** The text of an answer. */
    static String text(StepCompleted answer) {
        StringBuilder text = new StringBuilder();
        for (Content block : answer.content()) {
            if (block instanceof Content.Text(String part)) {
                text.append(part);
            }
        }
        return text.toString();
    }

    static String id(String agent, @Nullable String part) {
        return agent + "\0" + part;
    }
}
