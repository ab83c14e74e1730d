package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.heartbeat.HeartbeatInput.Signal;
import dev.noesis.heartbeat.HeartbeatInput.Tick;
import dev.noesis.heartbeat.HeartbeatInput.Unreadable;
import dev.noesis.model.Finding.Urgency;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatInputReaderTest {
    private static final long APPENDED_AT = 1_000;

    @Test
    void aTickNeedsNothingButItsId() {
        assertThat(tick("{\"tickId\":\"k1\"}")).isEqualTo(new Tick("k1", APPENDED_AT, "wake", null));
    }

    @Test
    void aTickWithAllItsFields() {
        assertThat(tick(
                        "{\"tickId\":\"k1\",\"scheduledAt\":\"1970-01-01T00:00:05Z\",\"reason\":\"cron\",\"deadlineMs\":7,"
                                + "\"more\":1}"))
                .isEqualTo(new Tick("k1", 5_000, "cron", 7L));
        assertThat(tick("{\"tickId\":\"k1\",\"scheduledAt\":5000}")).isEqualTo(new Tick("k1", 5_000, "wake", null));
    }

    @Test
    void aSignalNeedsItsIdAndASummary() {
        assertThat(signal("{\"signalId\":\"s1\",\"summary\":\"disk full\"}"))
                .isEqualTo(new Signal("s1", "unknown", "disk full", Urgency.NORMAL, false, null));
    }

    @Test
    void aSignalWithAllItsFields() {
        assertThat(signal("{\"signalId\":\"s1\",\"source\":\"nas\",\"summary\":\"disk full\",\"urgency\":\"high\","
                        + "\"needsAction\":true,\"data\":{\"free\":0}}"))
                .isEqualTo(new Signal("s1", "nas", "disk full", Urgency.HIGH, true, "{\"free\":0}"));
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
        assertUnreadable(HeartbeatInputReader.tick(null, value, APPENDED_AT), "key");
        assertUnreadable(HeartbeatInputReader.tick("", value, APPENDED_AT), "key");
        assertUnreadable(HeartbeatInputReader.tick("a b", value, APPENDED_AT), "letters");
        assertUnreadable(HeartbeatInputReader.tick("ada", null, APPENDED_AT), "value");
        assertUnreadable(HeartbeatInputReader.tick("ada", new byte[0], APPENDED_AT), "value");
    }

    private static HeartbeatInput tick(String value) {
        return HeartbeatInputReader.tick("ada", value.getBytes(UTF_8), APPENDED_AT);
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
