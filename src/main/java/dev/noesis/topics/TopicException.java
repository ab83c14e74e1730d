package dev.noesis.topics;

import java.util.List;
import java.util.stream.Collectors;

/** The topics cannot be used as they are; the message says each problem in a sentence. */
public final class TopicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<TopicProblem> problems;

    /** @param problems one or more */
    public TopicException(List<TopicProblem> problems) {
        super(problems.stream().map(TopicProblem::sentence).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    public TopicException(TopicProblem problem) {
        this(List.of(problem));
    }

    /** All that was found. */
    public List<TopicProblem> problems() {
        return problems;
    }
}
