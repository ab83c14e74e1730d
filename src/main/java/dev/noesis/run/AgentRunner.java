package dev.noesis.run;

import dev.noesis.config.LlmConfig;
import dev.noesis.config.RequestConfig;
import dev.noesis.llm.ForwardingListener;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmClient;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.mind.Cognition;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Run;
import dev.noesis.telemetry.ModelMetrics;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs an agent's steps: shows a model the agent's thread and memory, and makes the tool calls that it asks for. Built once;
 * {@link #fork} gives each lane a sibling that shares everything but the client and the calls in flight.
 *
 * <p><b>Threading.</b> {@link #request} and {@link #invocation} read cognition and belong on its thread; everything else may be
 * called from any.
 */
public final class AgentRunner implements AutoCloseable {
    private static final int FACTS_FOR_TOOLS = 1_000;

    private final ContextBuilder context;
    private final Dispatcher tools;
    private final List<ModelTarget> models;
    private final ModelMetrics metrics;
    private final Set<LlmCall> inFlight = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** The runner that the lanes' are forked from. It has no models, and calls none itself. */
    public AgentRunner(ContextBuilder context, Dispatcher tools) {
        this(context, tools, List.of(), ModelMetrics.none());
    }

    private AgentRunner(ContextBuilder context, Dispatcher tools, List<ModelTarget> models, ModelMetrics metrics) {
        this.context = context;
        this.tools = tools;
        this.models = List.copyOf(models);
        this.metrics = metrics;
    }

    /** A sibling that asks one model. The client stays its owner's: closing the fork leaves it open. */
    public AgentRunner fork(LlmClient client) {
        ModelTarget primary = ModelTarget.primary(RequestConfig.Provider.ANTHROPIC, client);
        return fork(List.of(primary), ModelMetrics.none(primary.name()));
    }

    /** A sibling that asks these models, the first before the others, with its calls of each counted. */
    public AgentRunner fork(List<ModelTarget> forksModels, ModelMetrics forksMetrics) {
        return new AgentRunner(context, tools, forksModels, forksMetrics);
    }

    /** The models that it asks: the lane's own, then those to fall back on. None where it is no fork. */
    List<ModelTarget> models() {
        return models;
    }

    /** What counts its calls. */
    ModelMetrics metrics() {
        return metrics;
    }

    /** What the model is to be asked for the run's step; on the last step that a run may take it may call none. */
    public LlmRequest request(Cognition cognition, String agent, Run run, int step, LlmConfig llm, long timeoutMs) {
        ContextBuilder.Context shown = context.build(cognition, agent, run);
        String required = run.spec().requiredTool();
        boolean last = step + 1 >= run.spec().maxSteps();
        String model = run.spec().model();
        Integer maxTokens = run.spec().maxTokens();
        return new LlmRequest(
                run.lane().id() + "/" + agent + "/" + run.runId() + "/" + step,
                model == null ? llm.model() : model,
                maxTokens == null ? llm.maxTokens() : maxTokens,
                shown.system(),
                shown.messages(),
                tools.specs(run.spec().tools()),
                choice(required, last),
                timeoutMs);
    }

    /** Tools stay described on the last step: providers refuse a conversation with tool calls and no such description. */
    private static ToolChoice choice(@Nullable String required, boolean last) {
        if (required == null) {
            return last ? new ToolChoice.None() : new ToolChoice.Auto();
        }
        return last ? new ToolChoice.Named(required) : new ToolChoice.Any();
    }

    /** What surrounds the run's tool call, with as much of the agent's memory as the tool asks for. */
    Tool.Invocation invocation(Cognition cognition, Run run, Effect.CallTool call) {
        Set<Tool.View> views = tools.views(call.tool());
        return new Tool.Invocation(
                call.agentId(),
                call.threadId(),
                call.runId(),
                run.lane(),
                call.runId() + "/" + call.step() + "/" + call.callId(),
                views.contains(Tool.View.FACTS) ? cognition.facts(call.agentId(), FACTS_FOR_TOOLS) : List.of(),
                views.contains(Tool.View.DECISIONS)
                        ? cognition.decisions(call.agentId(), Cognition.MAX_DECISIONS)
                        : List.of());
    }

    /**
     * Starts a call of one of its models.
     *
     * @param request as it is for the first of them
     */
    LlmCall start(ModelTarget model, LlmRequest request, LlmListener listener) {
        Tracked tracked = new Tracked(model, listener);
        try {
            tracked.follow(model.client().start(model.asked(request), tracked));
        } catch (RuntimeException e) {
            inFlight.remove(tracked);
            throw e;
        }
        if (closed) {
            tracked.cancel();
        }
        return tracked;
    }

    /** Makes a tool call; see {@link Dispatcher#dispatch}. */
    public Tool.Result dispatch(String tool, String arguments, List<String> allowed, Tool.Invocation invocation)
            throws InterruptedException {
        return tools.dispatch(tool, arguments, allowed, invocation);
    }

    /** How many of its model calls are in flight. */
    public int inFlight() {
        return inFlight.size();
    }

    /**
     * Cancels its own calls, each of them, whatever the client makes of the others. Its client, and its siblings' calls, go on.
     * Closing twice is harmless.
     */
    @Override
    public void close() {
        closed = true;
        Each.run(inFlight.stream().<Runnable>map(call -> call::cancel).toList());
    }

    private static ModelMetrics.Ended how(LlmOutcome outcome) {
        return switch (outcome) {
            case LlmOutcome.Completed _ -> ModelMetrics.Ended.COMPLETED;
            case LlmOutcome.Failed _ -> ModelMetrics.Ended.FAILED;
            case LlmOutcome.Cancelled _ -> ModelMetrics.Ended.CANCELLED;
        };
    }

    /** A call of this fork, known to it from start to end. */
    private final class Tracked extends ForwardingListener implements LlmCall {
        private volatile @Nullable LlmCall call;
        private volatile boolean cancelled;
        private volatile boolean ended;
        private final ModelTarget model;
        private final long startedAt = System.nanoTime();

        Tracked(ModelTarget model, LlmListener listener) {
            super(listener);
            this.model = model;
            inFlight.add(this);
        }

        /** The client may have ended the call before it returned it. */
        void follow(LlmCall started) {
            call = started;
            if (ended) {
                inFlight.remove(this);
            } else if (cancelled) {
                started.cancel();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            LlmCall started = call;
            if (started != null) {
                started.cancel();
            }
        }

        @Override
        public void pause() {
            LlmCall started = call;
            if (started != null) {
                started.pause();
            }
        }

        @Override
        public void resume() {
            LlmCall started = call;
            if (started != null) {
                started.resume();
            }
        }

        @Override
        public void onEnd(LlmOutcome outcome) {
            ended = true;
            inFlight.remove(this);
            metrics.ended(model.name(), how(outcome), Duration.ofNanos(System.nanoTime() - startedAt), outcome.usage());
            super.onEnd(outcome);
        }
    }
}
