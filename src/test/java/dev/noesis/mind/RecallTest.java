package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.Memory.Fact;
import dev.noesis.model.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecallTest {
    private static final Fact COLOUR = fact("favourite colour", "Ada likes blue");
    private static final Fact CAR = fact("car", "Ada drives a blue car");
    private static final Fact TEA = fact("tea", "no milk");
    private static final List<Fact> NEWEST_FIRST = List.of(TEA, CAR, COLOUR);

    @Test
    void theFactThatSharesMostWordsComesFirst() {
        assertThat(Recall.best(NEWEST_FIRST, "Which colour, blue?", 9)).containsExactly(COLOUR, CAR);
    }

    @Test
    void amongEqualsTheNewerComesFirst() {
        assertThat(Recall.best(NEWEST_FIRST, "BLUE!", 9)).containsExactly(CAR, COLOUR);
        assertThat(Recall.best(NEWEST_FIRST, "blue", 1)).containsExactly(CAR);
    }

    @Test
    void wordsThatEverySentenceHasFindNothing() {
        assertThat(Recall.best(NEWEST_FIRST, "what do you know about the", 9)).isEmpty();
        assertThat(Recall.best(NEWEST_FIRST, "", 9)).isEmpty();
    }

    @Test
    void wordsOfAnyScriptAreWords() {
        Fact fact = fact("любимый цвет", "синий 42");

        assertThat(Recall.best(List.of(fact), "Цвет?", 9)).containsExactly(fact);
        assertThat(Recall.best(List.of(fact), "42", 9)).containsExactly(fact);
    }

    private static Fact fact(String subject, String statement) {
        return new Fact(subject, statement, 0.9, Origin.MODEL, 0, "t1");
    }
}
