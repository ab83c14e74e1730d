package dev.noesis.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.noesis.mind.Schedules;
import dev.noesis.mind.TestLog;
import dev.noesis.mind.Writer;
import dev.noesis.model.Attempt;
import dev.noesis.model.Finding;
import dev.noesis.model.Reaction;
import dev.noesis.model.Schedule;
import dev.noesis.model.Schedule.CheckPlan;
import dev.noesis.schemas.SchemaCheck;
import dev.noesis.serde.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** What the commands say of an agent's schedule, ticks and findings; it is 2027-01-15, 08:00 in UTC. */
class HeartbeatCommandsTest {
    private static final Writer HEARTBEAT = Writer.heartbeat("h1");

    private static final String OLD = "ffffffffffffffff";
    private static final String NEW = "00000000000000aa";
    private static final String SETTLED = "00000000000000ab";

    private final TestLog log = new TestLog();

    @Test
    void theStatusShowsWhenTheNextTickIsDueAndWhatIsLeftOfTheDay() {
        Schedule schedule = Schedules.budget(
                50_000, Schedules.in("Europe/Berlin", Schedules.between("10:00", "20:00", Schedules.every("PT30M"))));
        log.appendAll(HEARTBEAT.barrier(), HEARTBEAT.scheduled(schedule, 0L));
        log.append(HEARTBEAT.opened("heartbeat-k1", "heartbeat-k1", "look"));
        log.append(HEARTBEAT.asked("heartbeat-k1", 0, new Attempt(0, 0), "c"));

        assertThat(status().lines())
                .containsExactly(
                        "schedule    every PT30M, Europe/Berlin, from 10:00 to 20:00, misfire skip",
                        "next due    2027-01-15T09:00:00Z",
                        "spent today 15 tokens of 50,000",
                        "under way   heartbeat-k1");
    }

    @Test
    void theStatusOfAnAgentThatIsLeftAloneSaysSo() {
        log.appendAll(HEARTBEAT.barrier(), HEARTBEAT.scheduled(Schedules.disabled(Schedules.cron("0 9 * * *")), 0L));

        assertThat(status().lines())
                .containsExactly(
                        "schedule    disabled, cron 0 9 * * *, UTC, misfire skip",
                        "next due    never",
                        "spent today 0 tokens");
    }

    @Test
    void theStatusOfAnAgentWithoutAScheduleSaysSo() {
        assertThat(status().lines()).containsExactly("no schedule; ticks come from outside only");
    }

    @Test
    void theStatusShowsWhichChecksLook() {
        Schedule some = Schedules.looking(
                Schedules.every("PT30M"), new CheckPlan("signals", null), new CheckPlan("failures", 600_000L));
        log.appendAll(HEARTBEAT.barrier(), HEARTBEAT.scheduled(some, 0L));
        assertThat(status().lines()).contains("checks      signals, failures every PT10M");

        log.append(HEARTBEAT.scheduled(Schedules.looking(some), 1L));
        assertThat(status().lines()).contains("checks      none");
    }

    @Test
    void aScheduleIsPublishedAsTheContractSays() {
        ObjectNode schedule = CommandLine.populateCommand(
                        new HeartbeatScheduleCommand(),
                        "--agent",
                        "ada",
                        "--every",
                        "30m",
                        "--checks",
                        "signals,failures:10m")
                .schedule();

        assertThat(SchemaCheck.problems("heartbeat.schedules", Json.write(schedule)))
                .isEmpty();
        assertThat(schedule)
                .isEqualTo(Json.tree("{\"enabled\":true,\"every\":\"PT30M\",\"checks\":[{\"name\":\"signals\"},"
                        + "{\"name\":\"failures\",\"every\":\"PT10M\"}]}"));
    }

    @Test
    void aTickIsPublishedAsTheContractSays() {
        ObjectNode some = HeartbeatClient.tick("k1", List.of("signals", "failures"));
        ObjectNode all = HeartbeatClient.tick("k2", null);

        assertThat(SchemaCheck.problems("heartbeat.ticks", Json.write(some))).isEmpty();
        assertThat(some.path("checks")).isEqualTo(Json.tree("[\"signals\",\"failures\"]"));
        assertThat(SchemaCheck.problems("heartbeat.ticks", Json.write(all))).isEmpty();
        assertThat(all.has("checks")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"30m, PT30M", "1h30m, PT1H30M", "90s, PT90S", "1d, P1D", "1d12h, P1DT12H", "PT45M, PT45M"})
    void anIntervalIsReadAsPeopleWriteIt(String text, Duration interval) {
        assertThat(new HeartbeatScheduleCommand.Interval().convert(text)).isEqualTo(interval);
    }

    @Test
    void theFindingsAreShownNewestLastAndWithoutThoseThatAreSettled() {
        log.append(HEARTBEAT.barrier());
        log.append(HEARTBEAT.raised("k1", finding(OLD, "a mail from the bank"), finding(SETTLED, "a mail")));
        log.append(HEARTBEAT.reacted(SETTLED, Reaction.RESOLVE, 1));
        log.append(HEARTBEAT.reacted(OLD, Reaction.ACKNOWLEDGE, 2));
        log.pass(Duration.ofHours(3).toMillis());
        log.append(HEARTBEAT.raised("k2", finding(NEW, "two\nlines")));
        log.pass(Duration.ofMinutes(12).toMillis());

        assertThat(findings(false))
                .containsExactly(
                        "ffffffffffffffff  normal  acknowledged    3h  mail: a mail from the bank  → acknowledge",
                        "00000000000000aa  normal  new            12m  mail: two lines");
        assertThat(findings(true))
                .hasSize(3)
                .contains("00000000000000ab  normal  resolved        3h  mail: a mail  → resolve");
    }

    @Test
    void anAgentWithoutFindingsIsSaidToHaveNone() {
        assertThat(findings(true)).containsExactly("no findings");
    }

    @Test
    void aFindingIsJsonWithAllThatIsKnownOfIt() {
        log.append(HEARTBEAT.barrier());
        log.append(HEARTBEAT.raised(
                "k1", new Finding(NEW, "signals", "backup", "disk full", Finding.Urgency.HIGH, true, "{\"free\":0}")));
        log.append(HEARTBEAT.reacted(NEW, Reaction.ACKNOWLEDGE, 1));

        assertThat(HeartbeatFindingsCommand.findings(log.cognition(), TestLog.ADA, true))
                .singleElement()
                .extracting(HeartbeatFindingsCommand::json)
                .isEqualTo(
                        Json.tree("{\"fingerprint\":\"00000000000000aa\",\"check\":\"signals\",\"source\":\"backup\","
                                + "\"summary\":\"disk full\",\"urgency\":\"high\",\"needsAction\":true,\"data\":{\"free\":0},"
                                + "\"state\":\"acknowledged\",\"raisedAt\":\"2027-01-15T08:00:00Z\",\"tickId\":\"k1\","
                                + "\"decision\":\"acknowledge\",\"text\":\"said so\"}"));
    }

    @Test
    void aFindingIsMeantByTheBeginningOfItsFingerprintWhereNoOtherBeginsSo() {
        log.append(HEARTBEAT.barrier());
        log.append(HEARTBEAT.raised("k1", finding(OLD, "a"), finding(NEW, "b"), finding(SETTLED, "c")));

        assertThat(meant("f").fingerprint()).isEqualTo(OLD);
        assertThat(meant(NEW).fingerprint()).isEqualTo(NEW);
        assertThatThrownBy(() -> meant("0000"))
                .isInstanceOf(CommandException.class)
                .hasMessage("0000 is the beginning of several: 00000000000000aa, 00000000000000ab");
        assertThatThrownBy(() -> meant("1"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("no finding", "begins with 1");
    }

    @ParameterizedTest
    @EnumSource(Reaction.class)
    void aReactionIsPublishedAsTheContractSays(Reaction action) {
        Instant until = action == Reaction.DISMISS ? Instant.parse("2027-02-01T00:00:00.123456Z") : null;

        ObjectNode reaction = HeartbeatClient.reaction(NEW, action, until, "on Monday");

        assertThat(SchemaCheck.problems("agent.signals", Json.write(reaction))).isEmpty();
        assertThat(reaction.path("type").asString()).isEqualTo("reaction");
        assertThat(reaction.path("fingerprint").asString()).isEqualTo(NEW);
        assertThat(reaction.path("action").asString()).isEqualTo(action.id());
        assertThat(reaction.path("note").asString()).isEqualTo("on Monday");
        assertThat(reaction.has("until")).isEqualTo(until != null);
    }

    @Test
    void theChecksThatAreTunedOrOfWhoseFindingsSomethingBecameAreShown() {
        log.append(HEARTBEAT.barrier());
        assertThat(tunings()).singleElement().asString().startsWith("all checks look as often as they are configured");

        log.append(HEARTBEAT.raised(
                "k1", new Finding(NEW, "disk", "host", "disk full", Finding.Urgency.HIGH, true, null)));
        log.append(HEARTBEAT.reacted(NEW, Reaction.DISMISS, 1));
        log.append(HEARTBEAT.tuned("invoices", 5_400_000L, false, true, 2));

        assertThat(tunings())
                .containsExactly(
                        "disk          as configured   useful 0, noise 1",
                        "invoices      every PT1H30M   useful 0, noise 0, pinned");
    }

    @Test
    void whatTheOperatorSaysOfACheckIsPublishedAsTheContractSays() {
        assertThat(HeartbeatClient.tuning("disk", Duration.ofMinutes(10), false, true))
                .isEqualTo(Json.tree("{\"type\":\"tuning\",\"check\":\"disk\",\"every\":\"PT10M\",\"pinned\":true}"));
        assertThat(HeartbeatClient.tuning("disk", null, false, false))
                .isEqualTo(Json.tree("{\"type\":\"tuning\",\"check\":\"disk\",\"pinned\":false}"));

        ObjectNode reset = HeartbeatClient.tuning("disk", null, true, null);
        assertThat(new String(Json.write(reset), UTF_8))
                .isEqualTo("{\"type\":\"tuning\",\"check\":\"disk\",\"every\":null}");
        assertThat(SchemaCheck.problems("agent.signals", Json.write(reset))).isEmpty();
    }

    @Test
    void theEndOfADismissalIsATimeOrAnIntervalFromNowOn() {
        var when = new HeartbeatReactCommand.When();

        assertThat(when.convert("2027-02-01T00:00:00Z")).isEqualTo("2027-02-01T00:00:00Z");
        assertThat(when.convert("1d12h")).isCloseTo(Instant.now().plus(Duration.ofHours(36)), within(1, HOURS));
    }

    @Test
    void anOutcomeIsALineForTheTickAndOneForEachFinding() {
        assertThat(outcome("{\"tickId\":\"k2\",\"status\":\"notified\",\"checks\":[],\"findings\":[{\"fingerprint\":"
                        + "\"e366e6c741f53d9f\",\"urgency\":\"high\",\"decision\":\"notify\",\"text\":\"full\"}],"
                        + "\"runId\":\"heartbeat-k2\",\"usage\":{\"inputTokens\":530,\"outputTokens\":42,"
                        + "\"totalTokens\":572},\"nextDueAt\":\"2027-01-15T08:30:00Z\"}"))
                .containsExactly(
                        "2027-01-15 08:00:00  notified · run heartbeat-k2 · 530 tokens in, 42 out"
                                + " · next due 2027-01-15 08:30:00",
                        "  finding e366e6c741f53d9f · high · notify");
    }

    @Test
    void anOutcomeSaysWhyThereIsNothingMore() {
        assertThat(outcome("{\"status\":\"skipped\",\"skipReason\":\"no_findings\",\"findings\":[]}"))
                .containsExactly("2027-01-15 08:00:00  skipped (no_findings)");
        assertThat(outcome("{\"status\":\"failed\",\"message\":\"503\\nagain\",\"code\":\"model_unavailable\"}"))
                .containsExactly("2027-01-15 08:00:00  failed (503 again)");
        assertThat(outcome("nonsense")).containsExactly("2027-01-15 08:00:00  ?");
    }

    private List<String> outcome(String json) {
        return OutcomeLines.of(log.clock(), json.getBytes(UTF_8), ZoneOffset.UTC);
    }

    private static Finding finding(String fingerprint, String summary) {
        return new Finding(fingerprint, "signals", "mail", summary, Finding.Urgency.NORMAL, true, null);
    }

    private Finding meant(String beginning) {
        return HeartbeatReactCommand.meant(beginning, log.cognition().findings(TestLog.ADA));
    }

    private List<String> findings(boolean all) {
        StringWriter out = new StringWriter();
        HeartbeatFindingsCommand.show(
                HeartbeatFindingsCommand.findings(log.cognition(), TestLog.ADA, all),
                log.clock(),
                new PrintWriter(out, true));
        return out.toString().lines().toList();
    }

    private List<String> tunings() {
        StringWriter out = new StringWriter();
        HeartbeatTuneCommand.show(log.cognition(), TestLog.ADA, new PrintWriter(out, true));
        return out.toString().lines().toList();
    }

    private String status() {
        StringWriter out = new StringWriter();
        HeartbeatStatusCommand.show(log.cognition(), TestLog.ADA, log.clock(), new PrintWriter(out, true));
        return out.toString();
    }
}
