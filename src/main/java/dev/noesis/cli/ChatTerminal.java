package dev.noesis.cli;

import java.io.PrintWriter;
import java.util.TreeMap;

/**
 * Shows a run: the answer's text on one writer, as it comes, and what is said about it on another.
 *
 * <p>Control characters of an answer are left out, since a terminal would obey them.
 *
 * <p><b>Threading.</b> Each run has its own; events and the end may come from different threads.
 */
public final class ChatTerminal implements ChatListener {
    private static final int MOST_SHOWN = 160;

    private final PrintWriter text;
    private final PrintWriter notes;
    private final boolean colour;
    /** Text that counts, by step. */
    private final TreeMap<Integer, StringBuilder> shown = new TreeMap<>();

    private int step = -1;
    private boolean atLineStart = true;

    /**
     * @param text gets the answer
     * @param notes gets tool calls and the outcome; may be the same
     * @param colour whether notes may be set in a dim colour
     */
    public ChatTerminal(PrintWriter text, PrintWriter notes, boolean colour) {
        this.text = text;
        this.notes = notes;
        this.colour = colour;
    }

    @Override
    public synchronized void updated(ChatUpdate update) {
        switch (update) {
            case ChatUpdate.Text(int number, String delta) -> {
                if (number != step) {
                    startLine();
                    step = number;
                }
                print(delta);
            }
            case ChatUpdate.Restarted(int number) -> {
                note("(step " + (number + 1) + " starts over)");
                shown.remove(number);
            }
            case ChatUpdate.ToolCalled call -> note("→ " + call.tool() + " " + shortened(call.arguments()));
            case ChatUpdate.ToolReturned result -> note("← " + shortened(result.content()));
            case ChatUpdate.Duplicate(String state, String outcome) ->
                note("this run is known already: " + (outcome == null ? state : outcome));
        }
    }

    /** Shows how the run ended, and of the reply's text what the stream had not shown. */
    public synchronized void ended(ChatReply reply) {
        switch (reply) {
            case ChatReply.Finished finished -> {
                complete(finished.text());
                startLine();
                note(summary(finished));
            }
            case ChatReply.Failed failed -> note("failed: " + failed.code() + ": " + failed.message());
            case ChatReply.AlreadyEnded ended ->
                note("this run had ended already: " + ended.outcome() + "; its reply stands in chat.replies");
        }
    }

    private void complete(String answer) {
        String whole = clean(answer);
        String all = String.join("", shown.values());
        String last = shown.isEmpty() ? "" : shown.lastEntry().getValue().toString();
        // a reply may hold the text of all steps, or of the last
        if (whole.isEmpty() || whole.equals(all) || whole.equals(last)) {
            return;
        }
        if (whole.startsWith(all)) {
            print(whole.substring(all.length()));
        } else if (!last.isEmpty() && whole.startsWith(last)) {
            print(whole.substring(last.length()));
        } else {
            note("(the answer as it counts:)");
            print(whole);
        }
    }

    private static String summary(ChatReply.Finished reply) {
        String tokens = "%d tokens in, %d out"
                .formatted(reply.usage().inputTokens(), reply.usage().outputTokens());
        String steps = reply.steps() == 1 ? "1 step" : reply.steps() + " steps";
        String reason = reply.reason() == null ? "" : " (" + reply.reason() + ")";
        return reply.outcome() + reason + " · " + steps + " · " + tokens;
    }

    private void print(String delta) {
        String cleaned = clean(delta);
        if (cleaned.isEmpty()) {
            return;
        }
        shown.computeIfAbsent(step, any -> new StringBuilder()).append(cleaned);
        text.print(cleaned);
        text.flush();
        atLineStart = cleaned.endsWith("\n");
    }

    private void note(String line) {
        startLine();
        String cleaned = clean(line);
        notes.println(colour ? "\u001b[2m" + cleaned + "\u001b[0m" : cleaned);
        notes.flush();
    }

    private void startLine() {
        if (!atLineStart) {
            text.println();
            text.flush();
            atLineStart = true;
        }
    }

    private static String shortened(String value) {
        String line = value.replaceAll("\\s+", " ").strip();
        return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN - 1) + "…";
    }

    private static String clean(String value) {
        return value.codePoints()
                .filter(c -> c == '\n' || c == '\t' || !Character.isISOControl(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
