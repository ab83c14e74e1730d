package dev.noesis.bench.llm;

/** Names for what clients throw. */
final class Failures {
    private Failures() {}

    /** The simple names of a failure and its causes, which is what a user of the client has to go by. */
    static String name(Throwable failure) {
        StringBuilder names = new StringBuilder(failure.getClass().getSimpleName());
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < 3; depth++, cause = cause.getCause()) {
            names.append(" < ").append(cause.getClass().getSimpleName());
        }
        return names.toString();
    }
}
