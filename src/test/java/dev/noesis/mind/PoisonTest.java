package dev.noesis.mind;

import static dev.noesis.mind.TestLog.ADA;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.noesis.mind.Fold.Position;
import dev.noesis.mind.Fold.Result;
import dev.noesis.mind.Fold.StoppedException;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.serde.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are no events, events that cannot be folded, and logs that cannot be. */
class PoisonTest {
    private static final byte[] KEY = ADA.getBytes(UTF_8);
    private static final Writer CHAT = Writer.chat("c1");
    private static final String HEAD = "'version':1,'eventId':'e','at':1,'lane':'chat','runId':'r1','threadId':'t1',"
            + "'stamp':'c1','origin':{'kind':'user','trust':0.5}";

    private final TestLog log = new TestLog();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "not json",
                "[]",
                "42",
                "{}",
                "{'version':1}",
                "{" + HEAD + "}",
                "{" + HEAD + ",'type':'RunCancelled'}",
                "{" + HEAD + ",'type':'RunCancelled','body':null}",
                "{" + HEAD + ",'type':'RunCancelled','body':{'reason':['a','list']}}",
                "{" + HEAD + ",'body':{'reason':'no type'}}",
                "{" + HEAD + ",'type':'RunCancelled','body':{'reason':'x'}} and more",
                "{'type':'RunCancelled','body':{'reason':'no head'}}",
                "{'version':1,'eventId':'e','lane':'chat','origin':{'kind':'user','trust':7},'type':'Checkpoint','body':{}}",
                "{'version':1,'eventId':'e','lane':'elsewhere','origin':{'kind':'user','trust':0},'type':'Checkpoint','body':{}}",
                "{'version':1,'eventId':'e','lane':'chat','origin':{'kind':'user','trust':0},'type':'RunCancelled','body':{'reason':'no run'}}",
                "{" + HEAD + ",'type':'RunOpened','body':{}}",
                "{" + HEAD + ",'type':'StepCompleted','body':{'step':0,'content':[{'text':'of no type'}]}}",
                "{" + HEAD
                        + ",'type':'ToolCompleted','body':{'step':0,'callId':'a','writes':[{'subject':'of no type'}]}}",
                "{" + HEAD + ",'type':'Barrier','body':{'logVersion':1,'foldVersion':1,'partitions':1}}",
            })
    void whatIsNoEventIsHashedAndSkipped(String value) {
        log.append(CHAT.barrier());
        Position before = log.fold().position();

        Result result = log.append(KEY, json(value));

        assertThat(result).isInstanceOf(Result.Poison.class);
        Position after = log.fold().position();
        assertThat(after.offset()).isEqualTo(before.offset() + 1);
        assertThat(after.storeHash()).isEqualTo(before.storeHash());
        assertThat(after.logHash()).isNotEqualTo(before.logHash());
        assertThat(log.append(CHAT.opened("r1", "t1", "hello"))).isInstanceOf(Folded.RunMoved.class);
    }

    @Test
    void aRecordWithoutKeyOrValueIsSkipped() {
        assertThat(log.append(null, json("{}"))).isEqualTo(new Result.Poison("it has no key"));
        assertThat(log.append(KEY, (byte[]) null)).isEqualTo(new Result.Poison("it has no value"));
        assertThat(log.append(null, (byte[]) null)).isEqualTo(new Result.Poison("it has no key"));
        assertThat(log.fold().position().offset()).isEqualTo(2);
    }

    @Test
    void deepNestingIsSkipped() {
        assertThat(log.append(KEY, "[".repeat(100_000).getBytes(UTF_8))).isInstanceOf(Result.Poison.class);
        assertThat(log.append(KEY, json("{" + HEAD + ",'type':'RunCancelled','body':" + "{'a':".repeat(100_000))))
                .isInstanceOf(Result.Poison.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no spaces", "~chat", "ünicode", "line\nbreak"})
    void anEventOfAnAgentThatMayNotExistIsSkipped(String agent) {
        log.append(CHAT.barrier());

        assertThat(log.append(agent.getBytes(UTF_8), Json.write(CHAT.opened("r1", "t1", "hello"))))
                .isInstanceOf(Result.Poison.class);
    }

    // ---- what this build does not know

    @Test
    void anEventOfAnUnknownTypeStopsTheFoldAndIsNamed() {
        log.append(CHAT.barrier());

        assertThatThrownBy(() -> log.append(KEY, json("{" + HEAD + ",'type':'PlanMade','body':{}}")))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("'PlanMade'")
                .hasMessageContaining("offset 1");
        assertThat(log.fold().position().offset()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'type':'RunCancelled','body':{'reason':'the same shape'}",
                "'type':'RunCancelled','body':{'reason':{'of':'another shape'}}",
                "'type':'RunCancelled','somewhereElse':{}",
                "'type':'PlanMade','body':{}",
                "'kind':'everything is different'"
            })
    void anEventOfALaterVersionStopsTheFoldWhateverItsShape(String rest) {
        String value = "{" + HEAD.replace("'version':1", "'version':" + (MindEvent.VERSION + 1)) + "," + rest + "}";

        assertThatThrownBy(() -> log.append(KEY, json(value)))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("offset 0");
    }

    @Test
    void fieldsThatAreNotKnownAreIgnored() {
        log.append(CHAT.barrier());

        log.append(
                KEY,
                json("{" + HEAD + ",'colour':'blue','type':'RunCancelled','body':{'reason':'x','mood':{'a':[1]}}}"));

        assertThat(log.state("r1")).isEqualTo(new RunState.Cancelled("x"));
    }

    // ---- offsets

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 1_000})
    void aGapStopsTheFoldAndBothOffsetsAreNamed(long offset) {
        log.append(CHAT.barrier());
        Fold fold = log.fold();

        assertThatThrownBy(() -> fold.fold(offset, KEY, Json.write(CHAT.deleted()), 1))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("offset 1 ")
                .hasMessageContaining(" " + offset + " ");
        assertThat(fold.position().offset()).isZero();
    }

    @Test
    void aLogThatDoesNotBeginAtItsBeginningHasAGap() {
        assertThatThrownBy(() -> log.fold().fold(7, KEY, Json.write(CHAT.deleted()), 1))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("offset 0 ")
                .hasMessageContaining(" 7 ");
    }

    @Test
    void whatWasFoldedBeforeIsSkipped() {
        log.appendAll(CHAT.barrier(), CHAT.opened("r1", "t1", "hello"));
        Position before = log.fold().position();

        for (TestLog.Entry entry : List.copyOf(log.entries())) {
            assertThat(entry.foldInto(log.fold())).isEqualTo(new Result.Skipped());
        }

        assertThat(log.fold().position()).isEqualTo(before);
    }

    @Test
    void aStoreOfAnotherFoldVersionIsRefused() {
        Position other = new Position(4, 1, Digest.ZERO, Digest.ZERO, Cognition.FOLD_VERSION + 1);

        assertThatThrownBy(() -> new Fold(new MapEntries(), other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version " + (Cognition.FOLD_VERSION + 1))
                .hasMessageContaining("version " + Cognition.FOLD_VERSION);
    }

    // ---- a fold that throws

    /** A thread is required, and this opening has none: the fold throws. */
    private static byte[] unfoldable() {
        return Json.write(CHAT.opened("bad", null, "hello"));
    }

    @Test
    void aFoldThatThrowsTakesThatAgentOutOfServiceAndNoOther() {
        log.appendAll(CHAT.barrier(), CHAT.opened("r1", "t1", "hello"));
        log.append("bob", CHAT.opened("r1", "t1", "hello"));

        Result result = log.append(KEY, unfoldable());

        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Event.class,
                        event -> assertThat(event.folded())
                                .isInstanceOfSatisfying(
                                        Folded.Faulted.class,
                                        faulted -> assertThat(faulted.open())
                                                .extracting(Run::runId)
                                                .containsExactly("r1")));
        assertThat(log.cognition().agent(ADA).fault()).contains("bad/opened");
        assertThat(log.cognition().agent(ADA).faultOffset()).isEqualTo(3);
        assertThat(log.cognition().agent("bob").fault()).isNull();
        log.append("bob", CHAT.answered("r1", 0, new Attempt(0, 0), "hi"));
        assertThat(log.cognition().run("bob", "r1").isOpen()).isFalse();
    }

    @Test
    void aFoldThatThrowsLeavesNoHalfOfItselfBehind() {
        log.append(CHAT.barrier());
        log.append(KEY, unfoldable());

        assertThat(log.run("bad")).isNull();
        assertThat(log.cognition().agent(ADA).openChatRuns()).isZero();
    }

    @Test
    void eventsOfAFaultedAgentChangeNothingButDeletionHealsIt() {
        log.appendAll(CHAT.barrier(), CHAT.opened("r1", "t1", "hello"));
        log.append(KEY, unfoldable());
        Digest before = log.fold().position().storeHash();

        assertThat(log.append(CHAT.answered("r1", 0, new Attempt(0, 0), "hi")))
                .isInstanceOfSatisfying(
                        Folded.Faulted.class,
                        faulted -> assertThat(faulted.open()).isEmpty());
        assertThat(log.append(CHAT.opened("r2", "t2", "hello"))).isInstanceOf(Folded.Faulted.class);
        assertThat(log.fold().position().storeHash()).isEqualTo(before);

        assertThat(log.append(CHAT.deleted())).isInstanceOf(Folded.Deleted.class);
        assertThat(log.cognition().agent(ADA).fault()).isNull();
        assertThat(log.append(CHAT.opened("r3", "t1", "hello"))).isInstanceOf(Folded.RunMoved.class);
    }

    private static byte[] json(String value) {
        return value.replace('\'', '"').getBytes(UTF_8);
    }
}
