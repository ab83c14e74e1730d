package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.HeartbeatInput.Reaction;
import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Tuning;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.Finding.Urgency;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatInputReaderTest {
    private static final long APPENDED_AT = 1_000;
    private static final CheckNames CHECKS = new CheckNames(List.of("signals", "failures"));

    @Test
    void aTickNeedsNothingButItsId() {
        assertThat(tick("{\"tickId\":\"k1\"}")).isEqualTo(new Tick("k1", APPENDED_AT, "wake", null, null));
    }

    @Test
    void aTickWithAllItsFields() {
        assertThat(tick(
                        "{\"tickId\":\"k1\",\"scheduledAt\":\"1970-01-01T00:00:05Z\",\"reason\":\"cron\",\"deadlineMs\":7,"
                                + "\"checks\":[\"failures\",\"signals\"],\"more\":1}"))
                .isEqualTo(new Tick("k1", 5_000, "cron", 7L, List.of("failures", "signals")));
        assertThat(tick("{\"tickId\":\"k1\",\"scheduledAt\":5000}"))
                .isEqualTo(new Tick("k1", 5_000, "wake", null, null));
    }

    @Test
    void aTickMaySayThatNoCheckLooks() {
        assertThat(tick("{\"tickId\":\"k1\",\"checks\":[]}"))
                .isEqualTo(new Tick("k1", APPENDED_AT, "wake", null, List.of()));
        assertThat(tick("{\"tickId\":\"k1\",\"checks\":null}")).isEqualTo(tick("{\"tickId\":\"k1\"}"));
    }

    @Test
    void whoNamesACheckThatThereIsNotIsToldWhichThereAre() {
        assertUnreadable(tick("{\"tickId\":\"k1\",\"checks\":[\"signals\",\"mail\"]}"), "there are: signals, failures");
        assertUnreadable(
                HeartbeatInputReader.tick(
                        "ada",
                        "{\"tickId\":\"k1\",\"checks\":[\"signals\"]}".getBytes(UTF_8),
                        APPENDED_AT,
                        new CheckNames(List.of())),
                "there are: none");
    }

    @Test
    void aSignalNeedsItsIdAndASummary() {
        assertThat(signal("{\"signalId\":\"s1\",\"summary\":\"disk full\"}"))
                .isEqualTo(new Signal("s1", "unknown", "disk full", Urgency.NORMAL, true, null));
    }

    @Test
    void aSignalWithAllItsFields() {
        assertThat(signal("{\"signalId\":\"s1\",\"source\":\"nas\",\"summary\":\"disk full\",\"urgency\":\"high\","
                        + "\"needsAction\":true,\"data\":{\"free\":0}}"))
                .isEqualTo(new Signal("s1", "nas", "disk full", Urgency.HIGH, true, "{\"free\":0}"));
    }

    @Test
    void aSignalMaySayThatItIsOne() {
        Signal signal = new Signal("s1", "unknown", "disk full", Urgency.NORMAL, true, null);

        assertThat(signal("{\"type\":\"signal\",\"signalId\":\"s1\",\"summary\":\"disk full\"}"))
                .isEqualTo(signal);
        assertThat(signal("{\"type\":null,\"signalId\":\"s1\",\"summary\":\"disk full\"}"))
                .isEqualTo(signal);
    }

    @Test
    void aReactionNeedsAFingerprintAndAnAction() {
        assertThat(signal("{\"type\":\"reaction\",\"fingerprint\":\"e366e6c741f53d9f\",\"action\":\"resolve\"}"))
                .isEqualTo(new Reaction("e366e6c741f53d9f", dev.noesis.model.Reaction.RESOLVE, null, null));
    }

    @Test
    void aReactionWithAllItsFields() {
        assertThat(signal("{\"type\":\"reaction\",\"fingerprint\":\"e366e6c741f53d9f\",\"action\":\"dismiss\","
                        + "\"until\":\"1970-01-01T00:00:05Z\",\"note\":\"on Monday\",\"more\":1}"))
                .isEqualTo(new Reaction("e366e6c741f53d9f", dev.noesis.model.Reaction.DISMISS, 5_000L, "on Monday"));
    }

    @Test
    void aNoteHasAtMostAThousandCharacters() {
        String reaction =
                "{\"type\":\"reaction\",\"fingerprint\":\"e366e6c741f53d9f\",\"action\":\"acknowledge\",\"note\":\"";

        assertThat(signal(reaction + "x".repeat(1_000) + "\"}")).isInstanceOf(Reaction.class);
        assertUnreadable(signal(reaction + "x".repeat(1_001) + "\"}"), "note");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"action":"resolve"}                                                          | fingerprint
            {"fingerprint":7,"action":"resolve"}                                          | fingerprint
            {"fingerprint":"e366e6c7","action":"resolve"}                                 | fingerprint
            {"fingerprint":"E366E6C741F53D9F","action":"resolve"}                         | fingerprint
            {"fingerprint":"e366e6c741f53d9f"}                                            | action
            {"fingerprint":"e366e6c741f53d9f","action":["resolve"]}                       | action
            {"fingerprint":"e366e6c741f53d9f","action":"Resolve"}                         | action
            {"fingerprint":"e366e6c741f53d9f","action":"resolve","until":5}               | until
            {"fingerprint":"e366e6c741f53d9f","action":"dismiss","until":"Monday"}        | until
            {"fingerprint":"e366e6c741f53d9f","action":"dismiss","until":-1}              | until
            {"fingerprint":"e366e6c741f53d9f","action":"dismiss","note":7}                | note
            """)
    void aReactionThatBreaksTheContract(String value, String named) {
        assertUnreadable(signal(value.replaceFirst("\\{", "{\"type\":\"reaction\",")), named);
    }

    @Test
    void anIntervalThatIsNullIsTakenBackAndOneThatIsNotThereStays() {
        assertThat(signal("{\"type\":\"tuning\",\"check\":\"disk\",\"every\":\"PT10M\",\"pinned\":true}"))
                .isEqualTo(new Tuning("disk", 600_000L, false, true));
        assertThat(signal("{\"type\":\"tuning\",\"check\":\"disk\",\"every\":null,\"more\":1}"))
                .isEqualTo(new Tuning("disk", null, true, null));
        assertThat(signal("{\"type\":\"tuning\",\"check\":\"disk\",\"pinned\":false}"))
                .isEqualTo(new Tuning("disk", null, false, false));
        assertThat(signal("{\"type\":\"tuning\",\"check\":\"disk\",\"every\":null,\"pinned\":null}"))
                .isEqualTo(new Tuning("disk", null, true, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"every":"PT10M"}                             | check
            {"check":7,"every":"PT10M"}                   | check
            {"check":"Disk","every":"PT10M"}              | check
            {"check":"signals","every":"PT10M"}           | signals
            {"check":"disk"}                              | every or pinned
            {"check":"disk","pinned":null}                | every or pinned
            {"check":"disk","every":"10m"}                | every
            {"check":"disk","every":600}                  | every
            {"check":"disk","every":"PT0S"}               | every
            {"check":"disk","every":"P31D"}               | every
            {"check":"disk","every":"PT10M","pinned":1}   | pinned
            """)
    void aTuningThatBreaksTheContract(String value, String named) {
        assertUnreadable(signal(value.replaceFirst("\\{", "{\"type\":\"tuning\",")), named);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                             | tickId
            {"tickId":""}                                  | tickId
            {"tickId":7}                                   | tickId
            {"tickId":"a\\u0000b"}                         | tickId
            {"tickId":"k1","scheduledAt":"tomorrow"}       | scheduledAt
            {"tickId":"k1","scheduledAt":{}}               | scheduledAt
            {"tickId":"k1","scheduledAt":1.5}              | scheduledAt
            {"tickId":"k1","deadlineMs":0}                 | deadlineMs
            {"tickId":"k1","deadlineMs":-1}                | deadlineMs
            {"tickId":"k1","deadlineMs":"5"}               | deadlineMs
            {"tickId":"k1","deadlineMs":1.5}               | deadlineMs
            {"tickId":"k1","deadlineMs":99999999999999999999} | deadlineMs
            {"tickId":"k1","checks":"signals"}             | checks is an array
            {"tickId":"k1","checks":[{"name":"signals"}]}  | array of names
            {"tickId":"k1","checks":["signals","signals"]} | twice
            {"tickId":"k1","checks":["Signals"]}           | does not have
            []                                             | JSON object
            "k1"                                           | JSON object
            {"tickId":                                     | JSON
            """)
    void aTickThatBreaksTheContract(String value, String named) {
        assertUnreadable(tick(value), named);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"summary":"x"}                                   | signalId
            {"signalId":"","summary":"x"}                     | signalId
            {"signalId":[],"summary":"x"}                     | signalId
            {"signalId":"a\\tb","summary":"x"}                | signalId
            {"signalId":"s1"}                                 | summary
            {"signalId":"s1","summary":" "}                   | summary
            {"signalId":"s1","summary":5}                     | summary
            {"signalId":"s1","summary":"x","urgency":"loud"}  | urgency
            {"signalId":"s1","summary":"x","urgency":3}       | urgency
            {"type":"reactions","signalId":"s1","summary":"x"} | type
            {"type":"","signalId":"s1","summary":"x"}         | type
            {"type":7,"signalId":"s1","summary":"x"}          | type
            null                                              | JSON object
            """)
    void aSignalThatBreaksTheContract(String value, String named) {
        assertUnreadable(signal(value), named);
    }

    @Test
    void aSignalThatIsTooLarge() {
        assertThat(signal("{\"signalId\":\"s1\",\"summary\":\"" + "x".repeat(4_000) + "\"}"))
                .isInstanceOf(Signal.class);
        assertUnreadable(signal("{\"signalId\":\"s1\",\"summary\":\"" + "x".repeat(4_001) + "\"}"), "summary");
        assertUnreadable(
                signal("{\"signalId\":\"s1\",\"summary\":\"x\",\"data\":\"" + "x".repeat(64 * 1024) + "\"}"), "data");
        assertUnreadable(signal("{\"signalId\":\"" + "s".repeat(201) + "\",\"summary\":\"x\"}"), "signalId");
    }

    @Test
    void aRecordWithoutAUsableKeyOrValue() {
        byte[] value = "{\"tickId\":\"k1\"}".getBytes(UTF_8);
        assertUnreadable(HeartbeatInputReader.tick(null, value, APPENDED_AT, CHECKS), "key");
        assertUnreadable(HeartbeatInputReader.tick("", value, APPENDED_AT, CHECKS), "key");
        assertUnreadable(HeartbeatInputReader.tick("a b", value, APPENDED_AT, CHECKS), "letters");
        assertUnreadable(HeartbeatInputReader.tick("ada", null, APPENDED_AT, CHECKS), "value");
        assertUnreadable(HeartbeatInputReader.tick("ada", new byte[0], APPENDED_AT, CHECKS), "value");
    }

    private static HeartbeatInput tick(String value) {
        return HeartbeatInputReader.tick("ada", value.getBytes(UTF_8), APPENDED_AT, CHECKS);
    }

    private static HeartbeatInput signal(String value) {
        return HeartbeatInputReader.signal("ada", value.getBytes(UTF_8));
    }

    private static void assertUnreadable(HeartbeatInput read, String named) {
        assertThat(read)
                .isInstanceOfSatisfying(
                        Unreadable.class,
                        unreadable -> assertThat(unreadable.reason()).contains(named));
    }
}
