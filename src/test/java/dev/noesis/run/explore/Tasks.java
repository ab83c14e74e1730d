package dev.noesis.run.explore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.chat.CrashableChat;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.NoesisConfig;
import dev.noesis.heartbeat.CrashableHeartbeat;
import dev.noesis.mind.Build;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Specs;
import dev.noesis.model.Lane;
import dev.noesis.run.AgentRunner;
import dev.noesis.run.Effect;
import dev.noesis.run.LaneProcessor;
import dev.noesis.run.SteppedLane;
import dev.noesis.run.SteppedLane.Act;
import dev.noesis.run.SteppedLane.CallRef;
import dev.noesis.run.explore.LaneState.Reaction;
import dev.noesis.run.explore.LaneState.Step;
import dev.noesis.serde.Json;
import dev.noesis.telemetry.LaneMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.HeartbeatRespond;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The tasks of a lane: what state follows from which, by running the real processor. What was run once is remembered: the
 * same state with the same record gives the same, and most states of the world differ in other things.
 */
final class Tasks {
    /** Tasks at hand, of states that were reached last. */
    private static final int ALIVE = 3_000;

    private final Script script;
    private final Records records;
    private final Fault fault;
    private final LaneProcessor.Kernel kernel;
    private final Function<LaneProcessor.Kernel, LaneProcessor.Definition> front;
    private final View.Reader reader = new View.Reader();
    private final Map<Image.Key, LaneState> states = new HashMap<>();
    private final Deque<LaneState> alive = new ArrayDeque<>();
    private long steps;
    private long reactions;

    Tasks(Lane lane, Script script, Records records, Fault fault) {
        this.script = script;
        this.records = records;
        this.fault = fault;
        NoesisConfig config = ConfigLoader.load(Map.of("topics.partitions", "1"));
        kernel = new LaneProcessor.Kernel(
                config.lane(lane),
                "mind.log",
                1,
                new AgentRunner(
                        new ContextBuilder("Be kind.", config.run().contextMaxTokens()),
                        new Dispatcher(List.of(new LearnFact(), new RecallFacts(), new HeartbeatRespond()))),
                null,
                (_, _) -> {
                    throw new AssertionError("nothing is folded anew here");
                },
                Build.THIS,
                new LaneMetrics(new SimpleMeterRegistry(), lane));
        front = switch (lane) {
            case CHAT -> template -> CrashableChat.front(config, template);
            case HEARTBEAT -> template -> CrashableHeartbeat.front(config, template);
        };
    }

    /** Epoch milliseconds of a moment of the exploration's time, which goes on by minutes. */
    static long millis(int moment) {
        return Specs.T0 + moment * 60_000L;
    }

    /** A task that starts on these entries. */
    LaneState start(Image image, String name, int now) {
        Image.Key key = Image.Key.of(bytes(image.key().toString()), bytes(name), bytes("start " + now));
        LaneState known = states.get(key);
        if (known != null) {
            return known;
        }
        SteppedLane task = started(image, name, now);
        List<Act> acts = task.acts();
        LaneState state = new LaneState(
                states.size(), null, null, name, image, reader.read(image), task.isScheduled(), acts, now);
        states.put(key, state);
        keep(state, task);
        return state;
    }

    /** The model calls in the outbox of a task of that name, as if it made them. */
    List<Act> calls(Image image, String name) {
        List<Act> calls = new ArrayList<>();
        image.forEach((key, value) -> {
            if (key.startsWith("outbox\1m") && Json.read(value, Effect.class) instanceof Effect.CallModel call) {
                calls.add(new Act.CallModel(
                        name + ".1",
                        -1,
                        false,
                        new CallRef(call.key(), call.agentId(), call.threadId(), call.runId(), call.step())));
            }
        });
        return calls;
    }

    private SteppedLane started(Image image, String name, int now) {
        return new SteppedLane(kernel, front, image.entries(), name, millis(now));
    }

    /** What a task in that state makes of that. */
    Reaction step(LaneState from, Step step) {
        Reaction known = from.reactions.get(step);
        if (known != null) {
            return known;
        }
        SteppedLane task = take(from);
        run(task, step);
        List<Act> acts = task.acts();
        Image image = new Image(task.entries());
        Image.Key key = Image.Key.of(
                bytes(Portrait.of(task.memory())), bytes(image.key().toString()));
        LaneState to = states.get(key);
        if (to == null) {
            to = new LaneState(
                    states.size(),
                    from,
                    step,
                    from.name,
                    image,
                    reader.read(image),
                    task.isScheduled(),
                    List.of(),
                    from.startedAt);
            states.put(key, to);
        }
        if (to.alive == null) {
            keep(to, task);
        }
        Reaction reaction = new Reaction(to, acts);
        from.reactions.put(step, reaction);
        reactions++;
        return reaction;
    }

    private void run(SteppedLane task, Step step) {
        steps++;
        long now = millis(step.now());
        switch (step.kind()) {
            case LOG -> {
                Records.Rec record = records.get(step.what());
                task.log(step.offset(), record.keyBytes(), record.value(), millis(step.appendedAt()), now);
                if (fault != Fault.NONE) {
                    fault.distort(task.entries(), record);
                    task.entriesChanged();
                }
            }
            case INPUT -> {
                Script.Item item = script.items().get(step.what());
                task.input(
                        item.topic(),
                        step.offset(),
                        bytes(Script.AGENT),
                        bytes(item.json()),
                        millis(step.appendedAt()),
                        now);
            }
            case TIMER -> task.punctuate(now);
            case CLOSE -> task.close(now);
        }
    }

    /** A task in that state, which goes on from there. */
    private SteppedLane take(LaneState state) {
        List<Step> rest = new ArrayList<>();
        LaneState at = state;
        while (at.alive == null && at.before != null) {
            rest.add(at.step);
            at = at.before;
        }
        SteppedLane task = at.alive == null ? started(at.image, at.name, at.startedAt) : at.alive;
        at.alive = null;
        rest.reversed().forEach(step -> run(task, step));
        task.acts();
        return task;
    }

    private void keep(LaneState state, SteppedLane task) {
        state.alive = task;
        alive.add(state);
        if (alive.size() > ALIVE) {
            alive.remove().alive = null;
        }
    }

    /** How many states the lane's tasks were in. */
    int states() {
        return states.size();
    }

    /** How many pairs of a state and what it was given. */
    long reactions() {
        return reactions;
    }

    /** How often the real processor was given something, to get there and back again. */
    long steps() {
        return steps;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
