package dev.noesis.run.explore;

import dev.noesis.model.Attempt;
import dev.noesis.model.Content;
import dev.noesis.model.ErrorCode;
import dev.noesis.model.Lane;
import dev.noesis.model.MemoryWrite;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.CallRef;
import dev.noesis.model.Origin;
import dev.noesis.model.Usage;
import dev.noesis.run.SteppedLane.Act;
import dev.noesis.run.explore.LaneState.Reaction;
import dev.noesis.run.explore.LaneState.Step;
import dev.noesis.run.explore.Pending.Calling;
import dev.noesis.run.explore.Pending.Delayed;
import dev.noesis.run.explore.Pending.Landing;
import dev.noesis.run.explore.Pending.Tooling;
import dev.noesis.run.explore.World.Side;
import dev.noesis.serde.Json;
import dev.noesis.tool.HeartbeatRespond;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What can happen next in a world, and what comes of it. Beside the tasks, which are real, this knows what an effect runner,
 * a broker and Kafka Streams may do, in any order that they may do it in:
 *
 * <ul>
 *   <li>appends of one process may overtake each other, because a failed one is repeated; one that timed out may have been
 *       written after all, and is written twice;
 *   <li>a task that is given up comes back from what it committed, and what it had handed over may be done late, or never;
 *   <li>a task that ends on purpose commits, and leaves its calls to finish.
 * </ul>
 */
final class Moves {
    static final String REPLY = "reply ";
    static final String OUTCOME = "outcome ";

    private static final Usage COST = new Usage(10, 5, 0, 0);
    private static final long HANDED_OVER_FOR_MS = 30_000;

    /** What happens. */
    enum Kind {
        READ_LOG,
        READ_INPUT,
        TIMER,
        COMMIT,
        CRASH,
        HAND_OVER,
        ZOMBIE_READS_LOG,
        ZOMBIE_READS_INPUT,
        APPENDED,
        APPENDED_AND_REPEATED,
        DUE,
        ANSWERS,
        FAILS,
        FAILS_FOR_NOW,
        TOOL_ANSWERS,
        MINUTE
    }

    /** @param what the pending effect's number, or the input's index, or nothing */
    record Move(Kind kind, Lane lane, int what) {}

    private final Bounds bounds;
    private final Script script;
    private final Records records = new Records();
    private final Laws laws;
    private final Fault fault;
    private final Map<Lane, Tasks> tasks = new EnumMap<>(Lane.class);

    /** @param broken laws that are not looked at */
    Moves(Bounds bounds, Fault fault, Set<Law> broken) {
        this.bounds = bounds;
        this.script = bounds.script();
        this.fault = fault;
        this.laws = new Laws(script, broken);
        for (Lane lane : Lane.values()) {
            tasks.put(lane, new Tasks(lane, script, records, fault));
        }
    }

    Tasks tasks(Lane lane) {
        return tasks.get(lane);
    }

    /** Both lanes' tasks have started for the first time. */
    World first() {
        World world = new World(new Side[] {new Side(), new Side()});
        world.crashes = bounds.crashes();
        world.handovers = bounds.handovers();
        world.duplicates = bounds.duplicates();
        world.failures = bounds.failures();
        world.expiries = bounds.expiries();
        for (Lane lane : Lane.values()) {
            start(world, lane, Image.EMPTY);
        }
        if (!bounds.beats()) {
            for (int id : world.pending) {
                if (records.pending(id) instanceof Landing landing
                        && landing.record().truth().lane() == Lane.HEARTBEAT) {
                    world.remove(id);
                    land(world, landing.record());
                }
            }
        }
        return world;
    }

    // ---- what can happen

    List<Move> of(World world) {
        List<Move> moves = new ArrayList<>();
        for (Lane lane : Lane.values()) {
            if (lane == Lane.CHAT || bounds.beats()) {
                ofTask(world, lane, moves);
            }
        }
        for (int id : world.pending) {
            ofPending(world, id, moves);
        }
        if (world.now < bounds.minutes()) {
            moves.add(new Move(Kind.MINUTE, Lane.CHAT, 0));
        }
        return moves;
    }

    private void ofTask(World world, Lane lane, List<Move> moves) {
        Side side = world.side(lane);
        boolean mayRead = side.saved == null || side.open < bounds.window();
        if (mayRead) {
            if (side.read < world.end()) {
                moves.add(new Move(Kind.READ_LOG, lane, 0));
            }
            if (side.taken < side.inputs.length) {
                moves.add(new Move(Kind.READ_INPUT, lane, side.inputs[side.taken]));
            } else {
                ofScript(side, lane, moves);
            }
        }
        if (side.state.isScheduled) {
            moves.add(new Move(Kind.TIMER, lane, 0));
        }
        if (side.saved != null && side.open > 0) {
            moves.add(new Move(Kind.COMMIT, lane, 0));
        }
        if (world.crashes > 0) {
            moves.add(new Move(Kind.CRASH, lane, 0));
        }
        if (world.handovers > 0) {
            moves.add(new Move(Kind.HAND_OVER, lane, 0));
        }
        if (side.zombie != null) {
            if (side.zombieRead < world.end()) {
                moves.add(new Move(Kind.ZOMBIE_READS_LOG, lane, 0));
            }
            if (side.zombieTaken < side.inputs.length) {
                moves.add(new Move(Kind.ZOMBIE_READS_INPUT, lane, side.inputs[side.zombieTaken]));
            }
        }
    }

    /** Any that has not come yet may come next. */
    private void ofScript(Side side, Lane lane, List<Move> moves) {
        Set<Integer> come = new HashSet<>();
        for (int index : side.inputs) {
            come.add(index);
        }
        for (int index = 0; index < script.items().size(); index++) {
            Script.Item item = script.items().get(index);
            if (item.lane() == lane && !come.contains(index) && come.containsAll(item.after())) {
                moves.add(new Move(Kind.READ_INPUT, lane, index));
            }
        }
    }

    private void ofPending(World world, int id, List<Move> moves) {
        switch (records.pending(id)) {
            case Landing _ -> {
                moves.add(new Move(Kind.APPENDED, Lane.CHAT, id));
                if (world.duplicates > 0) {
                    moves.add(new Move(Kind.APPENDED_AND_REPEATED, Lane.CHAT, id));
                }
            }
            case Delayed _ -> {
                if (world.expiries > 0) {
                    moves.add(new Move(Kind.DUE, Lane.CHAT, id));
                }
            }
            case Calling call -> {
                if (!call.begun()) {
                    moves.add(new Move(Kind.DUE, Lane.CHAT, id));
                    return;
                }
                moves.add(new Move(Kind.ANSWERS, Lane.CHAT, id));
                if (world.failures > 0 && !call.released()) {
                    moves.add(new Move(Kind.FAILS, Lane.CHAT, id));
                    moves.add(new Move(Kind.FAILS_FOR_NOW, Lane.CHAT, id));
                }
            }
            case Tooling tool -> moves.add(new Move(tool.begun() ? Kind.TOOL_ANSWERS : Kind.DUE, Lane.CHAT, id));
        }
    }

    // ---- what comes of it

    /** The world after that. */
    World after(World before, Move move) {
        World world = before.copy();
        Side side = world.side(move.lane());
        switch (move.kind()) {
            case READ_LOG -> readLog(world, move.lane());
            case READ_INPUT -> readInput(world, move.lane(), move.what());
            case TIMER -> react(world, move.lane(), new Step(Step.Kind.TIMER, 0, 0, 0, world.now));
            case COMMIT -> commit(world, side);
            case CRASH -> crash(world, move.lane());
            case HAND_OVER -> handOver(world, move.lane());
            case ZOMBIE_READS_LOG -> {
                LogNode node = world.log.at(side.zombieRead++);
                zombie(world, move.lane(), log(node, side.zombie, world.now));
            }
            case ZOMBIE_READS_INPUT -> {
                Step step = input(side, side.zombieTaken++, move.what(), world.now);
                zombie(world, move.lane(), step);
            }
            case APPENDED -> {
                world.remove(move.what());
                land(world, ((Landing) records.pending(move.what())).record());
            }
            case APPENDED_AND_REPEATED -> {
                Landing landing = (Landing) records.pending(move.what());
                world.duplicates--;
                world.remove(move.what());
                world.add(records.idOf(new Landing(landing.process(), landing.record(), /* mayVanish= */ true)));
                land(world, landing.record());
            }
            case DUE -> due(world, move.what());
            case ANSWERS, FAILS, FAILS_FOR_NOW -> end(world, move);
            case TOOL_ANSWERS -> toolAnswers(world, move.what());
            case MINUTE -> world.now++;
        }
        return world;
    }

    /** What a process that is gone can only answer may as well be answered: it arrives when it arrives. */
    private void answered(World world, Lane lane, int process) {
        for (int id : world.pending) {
            boolean mayFail = world.failures > 0;
            switch (records.pending(id)) {
                case Calling call -> {
                    if (call.process() == id(lane, process) && call.begun() && (call.released() || !mayFail)) {
                        end(world, new Move(Kind.ANSWERS, lane, id));
                    }
                }
                case Tooling tool -> {
                    if (tool.process() == id(lane, process) && tool.begun()) {
                        toolAnswers(world, id);
                    }
                }
                case Landing _, Delayed _ -> {
                    // it arrives when it arrives
                }
            }
        }
    }

    private void start(World world, Lane lane, Image from) {
        Side side = world.side(lane);
        side.process++;
        side.state = tasks.get(lane).start(from, lane.id().charAt(0) + "" + side.process, world.now);
        if (world.crashes > 0) {
            side.saved = from;
            side.savedRead = side.read;
            side.savedTaken = side.taken;
            side.open = 0;
        }
        told(world, lane, side.process, side.state, side.state.started, true);
        if (fault.ownsEarly() && lane == Lane.CHAT) {
            ownEarly(world, side);
        }
        if (fault.callsEarly() && lane == Lane.CHAT) {
            told(world, lane, side.process, side.state, tasks.get(lane).calls(from, side.state.name), true);
        }
    }

    /** The task folds its barrier first, and all that stands in the log after it. */
    private void ownEarly(World world, Side side) {
        MindEvent barrier = ((Act.Announce) side.state.started.getFirst()).event();
        int record = records.of(key(Lane.CHAT), barrier).id();
        react(world, Lane.CHAT, new Step(Step.Kind.LOG, side.state.view.folded() + 1, record, 0, world.now));
    }

    private void readLog(World world, Lane lane) {
        Side side = world.side(lane);
        LogNode node = world.log.at(side.read++);
        side.open++;
        View before = side.state.view;
        LaneState to = tasks.get(lane)
                .step(side.state, log(node, side.state, world.now))
                .to();
        laws.folded(node, before, to.view);
        react(world, lane, log(node, side.state, world.now));
    }

    /** The next record: where the task is right, its offset is the record's. */
    private static Step log(LogNode node, LaneState state, int now) {
        return new Step(Step.Kind.LOG, state.view.folded() + 1, node.record.id(), node.time, now);
    }

    private void readInput(World world, Lane lane, int index) {
        Side side = world.side(lane);
        if (side.taken == side.inputs.length) {
            int[] next = java.util.Arrays.copyOf(side.inputs, side.inputs.length + 1);
            next[side.inputs.length] = index;
            side.inputs = next;
        }
        side.open++;
        react(world, lane, input(side, side.taken++, index, world.now));
    }

    /** Each topic has its own offsets. */
    private Step input(Side side, int at, int index, int now) {
        int offset = 0;
        for (int i = 0; i < at; i++) {
            if (script.items()
                    .get(side.inputs[i])
                    .topic()
                    .equals(script.items().get(index).topic())) {
                offset++;
            }
        }
        return new Step(Step.Kind.INPUT, offset, index, 0, now);
    }

    private void react(World world, Lane lane, Step step) {
        Side side = world.side(lane);
        Reaction reaction = tasks.get(lane).step(side.state, step);
        side.state = reaction.to();
        told(world, lane, side.process, side.state, reaction.acts(), true);
    }

    /** Nothing that it writes is ever committed, but what it hands over is done. */
    private void zombie(World world, Lane lane, Step step) {
        Side side = world.side(lane);
        Reaction reaction = tasks.get(lane).step(side.zombie, step);
        side.zombie = reaction.to();
        told(world, lane, side.zombieProcess, side.zombie, reaction.acts(), false);
    }

    private static void commit(World world, Side side) {
        side.saved = side.state.image;
        side.savedRead = side.read;
        side.savedTaken = side.taken;
        side.open = 0;
        world.answered(side.unsaved);
        side.unsaved = List.of();
    }

    private void crash(World world, Lane lane) {
        Side side = world.side(lane);
        world.crashes--;
        if (bounds.zombies()) {
            side.zombie = side.state;
            side.zombieProcess = side.process;
            side.zombieRead = side.read;
            side.zombieTaken = side.taken;
        } else {
            answered(world, lane, side.process);
        }
        side.read = side.savedRead;
        side.taken = side.savedTaken;
        side.unsaved = List.of();
        Image from = side.saved;
        if (world.crashes == 0) {
            for (Side any : world.sides) {
                any.saved = null;
                any.open = 0;
                world.answered(any.unsaved);
                any.unsaved = List.of();
            }
        }
        start(world, lane, from);
    }

    private void handOver(World world, Lane lane) {
        Side side = world.side(lane);
        world.handovers--;
        react(world, lane, new Step(Step.Kind.CLOSE, 0, 0, 0, world.now));
        if (side.saved != null) {
            commit(world, side);
        }
        answered(world, lane, side.process);
        start(world, lane, side.state.image);
    }

    private void land(World world, Records.Rec record) {
        MindEvent arrives = fault.arrives(record.truth(), world.log);
        if (arrives == null) {
            return;
        }
        Records.Rec landed = arrives == record.truth() ? record : records.of(record.key(), record.truth(), arrives);
        world.log = new LogNode(world.log, landed, world.now);
        if (!bounds.beats()) {
            readLog(world, Lane.HEARTBEAT);
        }
    }

    private void due(World world, int id) {
        world.remove(id);
        switch (records.pending(id)) {
            case Delayed delayed -> {
                world.expiries--;
                world.add(records.idOf(new Landing(delayed.process(), delayed.record(), false)));
            }
            case Calling call ->
                world.add(records.idOf(new Calling(
                        call.process(), call.incarnation(), call.barrier(), call.call(), true, call.released())));
            case Tooling tool ->
                world.add(records.idOf(
                        new Tooling(tool.process(), tool.incarnation(), tool.call(), true, tool.released())));
            case Landing _ -> throw new AssertionError("it is due already");
        }
    }

    private void end(World world, Move move) {
        Calling calling = (Calling) records.pending(move.what());
        world.remove(move.what());
        var call = calling.call();
        Attempt attempt = fault.attempt(calling.barrier(), call.step() * 16L + failures(calling, world.log));
        Lane lane = call.run().startsWith("heartbeat-") ? Lane.HEARTBEAT : Lane.CHAT;
        MindEvent.Body body;
        String what;
        if (move.kind() == Kind.ANSWERS) {
            what = "completed/";
            body = answer(call.run(), call.step(), attempt, lane);
        } else {
            world.failures--;
            what = "failed/";
            Long retryAt = move.kind() == Kind.FAILS ? null : Tasks.millis(world.now) + 1_000;
            body = new MindEvent.StepFailed(
                    call.step(), attempt, 1, ErrorCode.MODEL_UNAVAILABLE, "529", retryAt, COST, 2);
        }
        MindEvent event = new MindEvent(
                call.run() + "/" + call.step() + "/" + what + attempt,
                0,
                lane,
                call.run(),
                call.thread(),
                Origin.MODEL,
                move.kind() == Kind.ANSWERS ? null : calling.incarnation(),
                body);
        world.add(records.idOf(new Landing(calling.process(), records.of(call.agent(), event), false)));
    }

    /** How many calls of that run failed under the same tenure. */
    private static int failures(Calling calling, LogNode log) {
        int failures = 0;
        for (LogNode node = log; node != null; node = node.before) {
            MindEvent truth = node.record.truth();
            if (truth.body() instanceof MindEvent.StepFailed
                    && calling.incarnation().equals(truth.stamp())
                    && calling.call().run().equals(truth.runId())) {
                failures++;
            }
        }
        return failures;
    }

    private MindEvent.Body answer(String run, int step, Attempt attempt, Lane lane) {
        boolean tool = lane == Lane.HEARTBEAT || script.asksForTool(run, step);
        Content content = tool
                ? new Content.ToolUse("c", lane == Lane.HEARTBEAT ? HeartbeatRespond.NAME : "learn_fact", "{}")
                : new Content.Text("hi");
        return new MindEvent.StepCompleted(
                step,
                attempt,
                1,
                List.of(content),
                tool ? "tool_use" : "end_turn",
                COST,
                "model",
                3,
                "anthropic",
                "primary");
    }

    private void toolAnswers(World world, int id) {
        Tooling tooling = (Tooling) records.pending(id);
        world.remove(id);
        var call = tooling.call();
        boolean beat = call.tool().equals(HeartbeatRespond.NAME);
        MemoryWrite write = beat
                ? new MemoryWrite.DecideFinding("f", MemoryWrite.Action.ACKNOWLEDGE, null)
                : new MemoryWrite.LearnFact("tea", "Ada likes tea", 0.5);
        MindEvent event = new MindEvent(
                call.runId() + "/" + call.step() + "/tool/" + call.callId(),
                0,
                beat ? Lane.HEARTBEAT : Lane.CHAT,
                call.runId(),
                call.threadId(),
                Origin.TOOL,
                null,
                new MindEvent.ToolCompleted(
                        call.step(), call.callId(), call.tool(), "ok", false, List.of(write), beat));
        world.add(records.idOf(new Landing(tooling.process(), records.of(call.agentId(), event), false)));
    }

    // ---- what a task had done

    private void told(World world, Lane lane, int process, LaneState state, List<Act> acts, boolean lives) {
        for (Act act : acts) {
            laws.launched(act, world.log, state.view, lane, world.now);
            switch (act) {
                case Act.Announce(MindEvent event) -> {
                    if (event.body() instanceof MindEvent.Barrier) {
                        world.add(records.idOf(new Landing(id(lane, process), records.of(key(lane), event), false)));
                    }
                }
                case Act.Append append -> {
                    Records.Rec record = records.of(append.agent(), append.event());
                    if (append.waits()) {
                        drop(world, lane, process, append.effectKey());
                        world.add(records.idOf(
                                new Delayed(id(lane, process), append.incarnation(), append.effectKey(), record)));
                    } else {
                        world.add(records.idOf(new Landing(id(lane, process), record, false)));
                    }
                }
                case Act.CallModel call ->
                    world.add(records.idOf(new Calling(
                            id(lane, process), call.incarnation(), call.barrier(), call.call(), !call.waits(), false)));
                case Act.CallTool call ->
                    world.add(records.idOf(
                            new Tooling(id(lane, process), call.incarnation(), call.call(), !call.waits(), false)));
                case Act.Cancel(String effectKey) -> cancel(world, lane, process, effectKey);
                case Act.Abandon(String incarnation) -> release(world, lane, process, incarnation);
                case Act.HandOver(String incarnation) -> {
                    MindEvent handover = new MindEvent(
                            "handover/" + incarnation,
                            0,
                            lane,
                            null,
                            null,
                            Origin.OPERATOR,
                            incarnation,
                            new MindEvent.Handover(release(world, lane, process, incarnation), HANDED_OVER_FOR_MS));
                    world.add(records.idOf(new Landing(id(lane, process), records.of(key(lane), handover), false)));
                }
                case Act.Write(String sink, String _, byte[] value) -> {
                    if (lives) {
                        written(world, world.side(lane), sink, value, state.view);
                    }
                }
            }
        }
    }

    private static String key(Lane lane) {
        return "~" + lane.id();
    }

    private static int id(Lane lane, int process) {
        return switch (lane) {
            case CHAT -> process;
            case HEARTBEAT -> -process;
        };
    }

    private void written(World world, Side side, String sink, byte[] value, View view) {
        String answer;
        if (sink.equals("replies")) {
            answer = REPLY + Json.tree(value).path("runId").asString();
        } else if (sink.equals("outcomes")) {
            answer = OUTCOME + Json.tree(value).path("tickId").asString();
        } else {
            return;
        }
        Set<String> told = new HashSet<>(world.answers);
        told.addAll(side.unsaved);
        laws.answered(answer, told, view);
        if (side.saved == null) {
            world.answered(List.of(answer));
        } else {
            side.unsaved = new ArrayList<>(side.unsaved);
            side.unsaved.add(answer);
        }
    }

    /** Appends that wait under that effect's key. */
    private void drop(World world, Lane lane, int process, String effectKey) {
        for (int id : world.pending) {
            if (records.pending(id) instanceof Delayed delayed
                    && delayed.process() == id(lane, process)
                    && delayed.effectKey().equals(effectKey)) {
                world.remove(id);
            }
        }
    }

    private void cancel(World world, Lane lane, int process, String effectKey) {
        drop(world, lane, process, effectKey);
        for (int id : world.pending) {
            Pending pending = records.pending(id);
            boolean isIt = switch (pending) {
                case Calling calling -> calling.call().effectKey().equals(effectKey);
                case Tooling tooling -> tooling.call().key().equals(effectKey);
                case Landing _, Delayed _ -> false;
            };
            if (isIt && pending.process() == id(lane, process)) {
                world.remove(id);
            }
        }
    }

    /** Drops what waits under that tenure; the calls in flight, which go on. */
    private List<CallRef> release(World world, Lane lane, int process, String incarnation) {
        List<CallRef> inFlight = new ArrayList<>();
        for (int id : world.pending) {
            Pending pending = records.pending(id);
            if (pending.process() != id(lane, process)) {
                continue;
            }
            switch (pending) {
                case Delayed delayed -> {
                    if (delayed.incarnation().equals(incarnation)) {
                        world.remove(id);
                    }
                }
                case Calling call -> {
                    if (call.incarnation().equals(incarnation)) {
                        world.remove(id);
                        if (call.begun()) {
                            world.add(records.idOf(
                                    new Calling(call.process(), incarnation, call.barrier(), call.call(), true, true)));
                            inFlight.add(new CallRef(
                                    call.call().agent(),
                                    call.call().run(),
                                    call.call().step(),
                                    null));
                        }
                    }
                }
                case Tooling tool -> {
                    if (tool.incarnation().equals(incarnation)) {
                        world.remove(id);
                        if (tool.begun()) {
                            world.add(records.idOf(new Tooling(tool.process(), incarnation, tool.call(), true, true)));
                            inFlight.add(new CallRef(
                                    tool.call().agentId(),
                                    tool.call().runId(),
                                    tool.call().step(),
                                    tool.call().callId()));
                        }
                    }
                }
                case Landing _ -> {
                    // on its way
                }
            }
        }
        return inFlight;
    }

    // ---- the end

    /** Where nothing more has to happen, all must have been answered. */
    void check(World world) {
        Side chat = world.side(Lane.CHAT);
        Side heartbeat = world.side(Lane.HEARTBEAT);
        if (isSettled(world, Lane.CHAT) && (!bounds.beats() || isSettled(world, Lane.HEARTBEAT))) {
            Set<String> told = new HashSet<>(world.answers);
            told.addAll(chat.unsaved);
            told.addAll(heartbeat.unsaved);
            laws.settled(told, chat.state.view, heartbeat.state.view);
        }
    }

    private boolean isSettled(World world, Lane lane) {
        Side side = world.side(lane);
        long inputs =
                script.items().stream().filter(item -> item.lane() == lane).count();
        if (side.read < world.end() || side.taken < side.inputs.length || side.inputs.length < inputs) {
            return false;
        }
        for (int id : world.pending) {
            Pending pending = records.pending(id);
            boolean mustHappen = switch (pending) {
                case Landing landing -> !landing.mayVanish();
                case Delayed _ -> false;
                case Calling call -> !call.released();
                case Tooling tool -> !tool.released();
            };
            if (mustHappen && pending.process() == id(lane, side.process)) {
                return false;
            }
        }
        return !side.state.isScheduled || isAtRest(world, lane);
    }

    /** Whether what is scheduled does nothing, now or later. */
    private boolean isAtRest(World world, Lane lane) {
        if (world.now < bounds.minutes()) {
            return false;
        }
        for (LogNode node = world.log; node != null; node = node.before) {
            if (node.record.truth().body() instanceof MindEvent.Handover && node.time == world.now) {
                return false;
            }
        }
        Side side = world.side(lane);
        Reaction reaction = tasks.get(lane).step(side.state, new Step(Step.Kind.TIMER, 0, 0, 0, world.now));
        return reaction.to() == side.state && reaction.acts().isEmpty();
    }

    String describe(Move move) {
        return switch (move.kind()) {
            case APPENDED, APPENDED_AND_REPEATED, DUE, ANSWERS, FAILS, FAILS_FOR_NOW, TOOL_ANSWERS ->
                move.kind() + " " + records.pending(move.what()).describe();
            case READ_INPUT, ZOMBIE_READS_INPUT ->
                move.lane().id() + " " + move.kind() + " "
                        + script.items().get(move.what()).name();
            case READ_LOG, TIMER, COMMIT, CRASH, HAND_OVER, ZOMBIE_READS_LOG, MINUTE ->
                move.lane().id() + " " + move.kind();
        };
    }
}
