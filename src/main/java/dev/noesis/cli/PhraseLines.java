package dev.noesis.cli;

/**
 * Shows an answer that streams beside others: a few words a line, each with when they came, so that two at once can be read.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class PhraseLines implements ChatListener {
    private static final int WIDTH = 48;

    private final TourPages pages;
    private final String agent;
    private final long begun;
    private final StringBuilder words = new StringBuilder();

    PhraseLines(TourPages pages, String agent, long begun) {
        this.pages = pages;
        this.agent = agent;
        this.begun = begun;
    }

    @Override
    public void updated(ChatUpdate update) {
        switch (update) {
            case ChatUpdate.Text(int _, String delta) -> {
                words.append(delta);
                if (words.length() >= WIDTH) {
                    int cut = words.lastIndexOf(" ");
                    print(cut <= 0 ? words.length() : cut);
                }
            }
            case ChatUpdate.Restarted _ -> words.setLength(0);
            case ChatUpdate.ToolCalled call -> pages.heard(agent, seconds(), "→ " + call.tool());
            case ChatUpdate.ToolReturned _, ChatUpdate.Duplicate _ -> {
                // the tour asks nothing twice, and shows tools where they are its subject
            }
        }
    }

    /** Shows what is left. */
    void end() {
        if (!words.isEmpty()) {
            print(words.length());
        }
    }

    private void print(int length) {
        pages.heard(
                agent, seconds(), words.substring(0, length).replace('\n', ' ').strip());
        words.delete(0, length);
    }

    private double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }
}
