package dev.noesis.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "Ada", "ada@example.org", "tenant/ada", "a.b_c:d-e", "0"})
    void anIdOfLettersDigitsAndAFewSignsIsLegal(String id) {
        assertThat(AgentId.check(id)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "~chat", "ada\n", "ada\0", "ünal", "a,b", "\uD83D\uDE00"})
    void anyOtherIsNot(String id) {
        assertThat(AgentId.check(id)).isNotNull();
    }

    @Test
    void anIdMayHaveTwoHundredCharacters() {
        assertThat(AgentId.check("a".repeat(200))).isNull();
        assertThat(AgentId.check("a".repeat(201))).contains("200");
        assertThat(AgentId.check(null)).isNotNull();
        assertThat(AgentId.checkPart("runId", "x".repeat(200))).isNull();
        assertThat(AgentId.checkPart("runId", "x".repeat(201))).contains("runId", "200");
    }

    /** Keys of stores are made of ids as UTF-8, with NUL between them. */
    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "a\nb", "a\u0085b", "half a pair \uD83D", "\uDE00 the other half"})
    void anIdThatMightBeTakenForAnotherIsRefused(String id) {
        assertThat(AgentId.checkPart("runId", id)).contains("runId");
    }
}
