package dev.noesis.mind;

import dev.noesis.mind.Memory.Fact;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds facts by their words. Newer facts win among equals. */
public final class Recall {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    private static final Set<String> COMMON = Set.of(
            "the",
            "a",
            "an",
            "and",
            "or",
            "of",
            "to",
            "in",
            "on",
            "at",
            "is",
            "are",
            "was",
            "be",
            "it",
            "that",
            "this",
            "my",
            "your",
            "i",
            "you",
            "we",
            "do",
            "does",
            "did",
            "what",
            "which",
            "who",
            "about",
            "for",
            "with",
            "know",
            "remember",
            "please",
            "me");

    private Recall() {}

    /** The facts that share a word with the query, best first. */
    public static List<Fact> best(List<Fact> newestFirst, String query, int limit) {
        Set<String> asked = words(query);
        record Scored(Fact fact, int score) {}
        return newestFirst.stream()
                .map(fact -> new Scored(fact, shared(asked, words(fact.subject() + " " + fact.statement()))))
                .filter(scored -> scored.score() > 0)
                .sorted(Comparator.comparingInt(Scored::score).reversed())
                .limit(limit)
                .map(Scored::fact)
                .toList();
    }

    /** The fact as a prompt shows it, with where it comes from. */
    public static String line(Fact fact) {
        return "- " + fact.subject() + ": " + fact.statement() + " (learned by the "
                + fact.origin().kind().id() + ", confidence " + fact.confidence() + ")";
    }

    private static int shared(Set<String> asked, Set<String> fact) {
        int shared = 0;
        for (String word : asked) {
            if (fact.contains(word)) {
                shared++;
            }
        }
        return shared;
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .forEach(words::add);
        words.removeAll(COMMON);
        return words;
    }
}
