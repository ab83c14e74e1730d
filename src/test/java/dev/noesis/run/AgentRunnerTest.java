package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.LlmConfig;
import dev.noesis.llm.LlmCall;
import dev.noesis.llm.LlmListener;
import dev.noesis.llm.LlmOutcome;
import dev.noesis.llm.LlmRequest;
import dev.noesis.llm.LlmRequest.ToolChoice;
import dev.noesis.mind.ContextBuilder;
import dev.noesis.mind.Decisions;
import dev.noesis.mind.Entries;
import dev.noesis.mind.Facts;
import dev.noesis.mind.MapEntries;
import dev.noesis.mind.Memory;
import dev.noesis.mind.Specs;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.Lane;
import dev.noesis.model.Message;
import dev.noesis.model.RunSpec;
import dev.noesis.model.ToolSpec;
import dev.noesis.tool.Dispatcher;
import dev.noesis.tool.LearnFact;
import dev.noesis.tool.RecallFacts;
import dev.noesis.tool.ReviewDecision;
import dev.noesis.tool.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentRunnerTest {
    private static final LlmConfig LLM =
            ConfigLoader.load(Map.of()).lane(Lane.CHAT).llm();
    private static final Writer CHAT = Writer.chat("c1");

    private final Dispatcher tools = new Dispatcher(List.of(new LearnFact(), new RecallFacts()));
    private final AgentRunner parent = new AgentRunner(new ContextBuilder("Be kind.", 10_000), tools);
    private final FakeLlm llm = new FakeLlm();
    private final TestLog log = new TestLog();

    /** Hears nothing but the end. */
    private static final class Ended implements LlmListener {
        private final List<LlmOutcome> outcomes = new ArrayList<>();

        @Override
        public void onText(String delta) {}

        @Override
        public void onReasoning(String delta) {}

        @Override
        public void onToolStart(int index, String id, String name) {}

        @Override
        public void onToolArguments(int index, String delta) {}

        @Override
        public void onToolEnd(int index) {}

        @Override
        public void onEnd(LlmOutcome outcome) {
            outcomes.add(outcome);
        }
    }

    /** Says of which ranges entries were read. */
    private static final class WatchedEntries implements Entries {
        private final Entries entries = new MapEntries();
        private final List<String> ranges = new ArrayList<>();

        @Override
        public byte[] get(String key) {
            return entries.get(key);
        }

        @Override
        public void put(String key, byte[] value) {
            entries.put(key, value);
        }

        @Override
        public void delete(String key) {
            entries.delete(key);
        }

        @Override
        public void scan(String prefix, BiPredicate<String, byte[]> visitor) {
            ranges.add(prefix);
            entries.scan(prefix, visitor);
        }

        @Override
        public void scanFrom(String from, String prefix, BiPredicate<String, byte[]> visitor) {
            ranges.add(prefix);
            entries.scanFrom(from, prefix, visitor);
        }

        @Override
        public void scanBackwards(String prefix, BiPredicate<String, byte[]> visitor) {
            ranges.add(prefix);
            entries.scanBackwards(prefix, visitor);
        }
    }

    @BeforeEach
    void aLaneOwnsThePartition() {
        log.append(CHAT.barrier());
    }

    // ---- what the model is asked

    @Test
    void theModelIsAskedWithTheThreadTheToolsAndTheLanesDefaults() {
        LlmRequest request = request(Specs.spec(), 0);

        assertThat(request.label()).isEqualTo("chat/ada/r1/0");
        assertThat(request.model()).isEqualTo(LLM.model());
        assertThat(request.maxTokens()).isEqualTo(LLM.maxTokens());
        assertThat(request.system()).isEqualTo("Be kind.");
        assertThat(request.messages()).extracting(Message::text).containsExactly("hello");
        assertThat(request.tools()).extracting(ToolSpec::name).containsExactly("learn_fact", "recall");
        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.Auto());
        assertThat(request.timeoutMs()).isEqualTo(5_000);
    }

    @Test
    void aRequestsOwnModelAndLimitGoBeforeTheLanes() {
        RunSpec plain = Specs.spec();
        RunSpec own = new RunSpec(
                plain.requestedAt(),
                plain.deadlineAt(),
                plain.maxSteps(),
                plain.rememberMs(),
                "another-model",
                17,
                null,
                List.of("recall", "no_such_tool"),
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);

        LlmRequest request = request(own, 0);

        assertThat(request.model()).isEqualTo("another-model");
        assertThat(request.maxTokens()).isEqualTo(17);
        assertThat(request.tools()).extracting(ToolSpec::name).containsExactly("recall");
    }

    /** A provider refuses a conversation that holds tool calls where no tool is described. */
    @Test
    void inItsLastStepTheModelMayCallNoToolThoughTheyAreDescribed() {
        LlmRequest request = request(Specs.steps(2), 1);

        assertThat(request.toolChoice()).isEqualTo(new ToolChoice.None());
        assertThat(request.tools()).isNotEmpty();
    }

    @Test
    void aToolThatTheRunMustCallIsAskedForAndInTheLastStepByName() {
        RunSpec spec = Specs.spec(3, null, "recall");

        assertThat(request(spec, 0).toolChoice()).isEqualTo(new ToolChoice.Any());
        LlmRequest last = new AgentRunnerTest().requestOf(spec, 2);
        assertThat(last.toolChoice()).isEqualTo(new ToolChoice.Named("recall"));
        assertThat(last.tools()).extracting(ToolSpec::name).contains("recall");
    }

    // ---- what a tool is shown

    @Test
    void noMoreOfMemoryIsReadThanTheToolAsksFor() {
        WatchedEntries entries = new WatchedEntries();
        TestLog kept = new TestLog(entries);
        kept.appendAll(
                CHAT.barrier(),
                CHAT.opened("r1", "t1", "hello"),
                CHAT.asked("r1", 0, new Attempt(0, 0), "a"),
                CHAT.tool("r1", 0, "a", "kept", Facts.write("tea", "no milk"), Decisions.record("d1", 0.5)));
        AgentRunner runner = new AgentRunner(
                new ContextBuilder("", 1_000),
                new Dispatcher(List.of(new LearnFact(), new RecallFacts(), new ReviewDecision())));

        entries.ranges.clear();
        assertThat(invocation(runner, kept, "learn_fact")).satisfies(shown -> {
            assertThat(shown.facts()).isEmpty();
            assertThat(shown.decisions()).isEmpty();
        });
        assertThat(invocation(runner, kept, "no_such_tool").facts()).isEmpty();
        assertThat(entries.ranges).isEmpty();

        assertThat(invocation(runner, kept, "recall")).satisfies(shown -> {
            assertThat(shown.facts()).extracting(Memory.Fact::subject).containsExactly("tea");
            assertThat(shown.decisions()).isEmpty();
        });
        assertThat(entries.ranges).hasSize(1);

        assertThat(invocation(runner, kept, "review_decision")).satisfies(shown -> {
            assertThat(shown.facts()).isEmpty();
            assertThat(shown.decisions())
                    .extracting(Memory.Decision::decisionId)
                    .containsExactly("d1");
        });
        assertThat(entries.ranges).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aToolIsToldWhoCallsItAndEachAttemptTheSameKey() {
        log.append(CHAT.opened("r1", "t1", "hello"));

        assertThat(invocation(parent, log, "learn_fact"))
                .isEqualTo(new Tool.Invocation("ada", "t1", "r1", Lane.CHAT, "r1/1/c1", List.of(), List.of()))
                .isEqualTo(invocation(parent, log, "learn_fact"));
    }

    private static Tool.Invocation invocation(AgentRunner runner, TestLog log, String tool) {
        return runner.invocation(
                log.cognition(), log.run("r1"), new Effect.CallTool(TestLog.ADA, "t1", "r1", 1, "c1", tool, "{}"));
    }

    // ---- forks

    @Test
    void forksShareDispatcherAndContext() throws Exception {
        FakeLlm other = new FakeLlm();
        AgentRunner one = parent.fork(llm);
        AgentRunner two = parent.fork(other);
        log.append(CHAT.opened("r1", "t1", "hello"));

        assertThat(one.request(log.cognition(), TestLog.ADA, log.run("r1"), 0, LLM, 5))
                .isEqualTo(two.request(log.cognition(), TestLog.ADA, log.run("r1"), 0, LLM, 5));
        Tool.Invocation invocation = new Tool.Invocation("ada", "t1", "r1", Lane.CHAT, "key", List.of(), List.of());
        String arguments = "{\"subject\":\"tea\",\"statement\":\"no milk\"}";
        assertThat(one.dispatch("learn_fact", arguments, List.of("learn_fact"), invocation))
                .isEqualTo(two.dispatch("learn_fact", arguments, List.of("learn_fact"), invocation));
    }

    @Test
    void aForkCallsItsOwnClient() {
        FakeLlm other = new FakeLlm();
        AgentRunner one = parent.fork(llm);
        AgentRunner two = parent.fork(other);

        start(one, plain(), new Ended());

        assertThat(llm.calls()).hasSize(1);
        assertThat(other.calls()).isEmpty();
        assertThat(one.inFlight()).isEqualTo(1);
        assertThat(two.inFlight()).isZero();
    }

    @Test
    void theParentHasNoModel() {
        assertThat(parent.models()).isEmpty();
    }

    @Test
    void aClosedForkCancelsItsOwnCallsAndLeavesTheClientAndItsSiblingsAlone() {
        AgentRunner one = parent.fork(llm);
        AgentRunner two = parent.fork(llm);
        Ended ofOne = new Ended();
        Ended ofTwo = new Ended();
        start(one, plain(), ofOne);
        start(two, plain(), ofTwo);

        one.close();
        one.close();

        assertThat(ofOne.outcomes).singleElement().isInstanceOf(LlmOutcome.Cancelled.class);
        assertThat(ofTwo.outcomes).isEmpty();
        assertThat(llm.isClosed()).isFalse();
        assertThat(one.inFlight()).isZero();
        assertThat(two.inFlight()).isEqualTo(1);
        llm.call(1).answer("hi");
        assertThat(ofTwo.outcomes).hasSize(1);
    }

    @Test
    void aCallStartedOnAClosedForkIsCancelled() {
        AgentRunner fork = parent.fork(llm);
        fork.close();
        Ended ended = new Ended();

        start(fork, plain(), ended);

        assertThat(ended.outcomes).singleElement().isInstanceOf(LlmOutcome.Cancelled.class);
        assertThat(fork.inFlight()).isZero();
    }

    @Test
    void aCallThatEndedBeforeItWasReturnedIsNotInFlight() {
        AgentRunner fork = parent.fork(llm);
        llm.atOnce(call -> call.answer("hi"));
        Ended ended = new Ended();

        LlmCall call = start(fork, plain(), ended);
        call.cancel();

        assertThat(ended.outcomes).hasSize(1);
        assertThat(fork.inFlight()).isZero();
    }

    @Test
    void aCallIsStoppedAndGoesOnThroughItsFork() {
        LlmCall call = start(parent.fork(llm), plain(), new Ended());

        call.pause();
        assertThat(llm.call(0).isPaused()).isTrue();
        call.resume();
        assertThat(llm.call(0).isPaused()).isFalse();
    }

    private LlmRequest requestOf(RunSpec spec, int step) {
        aLaneOwnsThePartition();
        return request(spec, step);
    }

    private LlmRequest request(RunSpec spec, int step) {
        log.append(CHAT.opened("r1", "t1", "hello", spec));
        for (int i = 0; i < step; i++) {
            log.append(CHAT.asked("r1", i, new Attempt(0, i), "a"));
            log.append(CHAT.tool("r1", i, "a", "found"));
        }
        return parent.request(log.cognition(), TestLog.ADA, log.run("r1"), step, LLM, 5_000);
    }

    private static LlmCall start(AgentRunner fork, LlmRequest request, LlmListener listener) {
        return fork.start(fork.models().getFirst(), request, listener);
    }

    private static LlmRequest plain() {
        return new LlmRequest(
                "x", "m", 1, "", List.of(Message.user("m", "x")), List.of(), new ToolChoice.Auto(), 1_000);
    }
}
