package dev.noesis.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** How the tour looks: titles, what was asked, what came. Dim and bold where there is a terminal. Any thread may print. */
final class TourPages {
    private static final String MARGIN = "   ";

    private final PrintWriter out;
    private final Ansi ansi = Ansi.AUTO;
    private int page;

    TourPages(PrintWriter out) {
        this.out = out;
    }

    synchronized void title() {
        line("");
        line(bold("Noesis") + " · LLM agents on Kafka · " + VersionProvider.version());
        line("");
    }

    synchronized void started(String what, String how, long begun) {
        line(dim("  %5.1f s".formatted(seconds(begun))) + "  " + "%-7s".formatted(what) + dim(how));
    }

    /** A new page: what is shown now, and what it proves. */
    synchronized void page(String title, String meaning) {
        page++;
        line("");
        line(bold(page + "  " + title));
        line(dim("   " + meaning));
        line("");
    }

    synchronized void asked(String agent, String thread, String text) {
        line("   " + bold(agent) + dim(" (" + thread + ") ") + "◂ " + text);
    }

    /** A piece of an answer, on a line of its own. */
    synchronized void heard(String agent, double after, String words) {
        line(dim("   %+6.2f s ".formatted(after)) + "%-4s".formatted(agent) + "▸ " + words);
    }

    synchronized void note(String text) {
        line(dim("   " + text));
    }

    synchronized void result(String text) {
        line(MARGIN + text);
    }

    synchronized void blank() {
        line("");
    }

    synchronized void finished(long begun) {
        line("");
        line(dim("   The tour took " + String.format(Locale.ROOT, "%.1f", seconds(begun))
                + " s. Next: README.md, and `target/noesis/bin/noesis --help` after `mvn package`."));
        line("");
    }

    synchronized void prompt() {
        line("   You are talking to " + bold("ada") + " now; Ctrl-D ends it.");
        line("");
    }

    /** Where an answer is streamed to, token by token, set in like the rest of the page. */
    PrintWriter writer() {
        return new PrintWriter(new SetIn(out), /* autoFlush= */ true);
    }

    /** Begins each line with the page's margin. */
    private static final class SetIn extends FilterWriter {
        private boolean atLineStart = true;

        SetIn(Writer out) {
            super(out);
        }

        @Override
        public void write(int c) throws IOException {
            if (atLineStart && c != '\n') {
                out.write(MARGIN);
            }
            out.write(c);
            atLineStart = c == '\n';
        }

        @Override
        public void write(char[] chars, int from, int length) throws IOException {
            for (int i = from; i < from + length; i++) {
                write(chars[i]);
            }
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            write(text.toCharArray(), from, length);
        }
    }

    boolean colour() {
        return ansi.enabled();
    }

    private void line(String text) {
        out.println(text);
        out.flush();
    }

    private String bold(String text) {
        return ansi.enabled() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    private String dim(String text) {
        return ansi.enabled() ? "\u001b[2m" + text + "\u001b[0m" : text;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
