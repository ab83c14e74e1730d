package dev.noesis.config;

import java.util.List;

/** The configuration cannot be used. Each problem is a sentence that names its key, where it was set, and what is legal; none shows a secret. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    /** @param problems one or more */
    public ConfigurationException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    public ConfigurationException(String problem) {
        this(List.of(problem));
    }

    /** All that was found, so that one attempt shows all there is to mend. */
    public List<String> problems() {
        return problems;
    }
}
