package dev.noesis.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** How the tour looks: titles, what was asked, what came. Dim and bold where there is a terminal. Any thread may print. */
final class TourPages {
    private final PrintWriter out;
    private final Ansi ansi = Ansi.AUTO;
    private int page;

    TourPages(PrintWriter out) {
        this.out = out;
    }

    synchronized void title() {
        line("");
        line(bold("Noesis") + " · LLM agents on Kafka · " + new VersionProvider().getVersion()[0]);
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
        line("   " + text);
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

    /** Where an answer is streamed to, token by token. */
    PrintWriter writer() {
        return out;
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
