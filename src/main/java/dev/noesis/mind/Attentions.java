package dev.noesis.mind;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be told in an agent's conversations, oldest first, and how far its heartbeat is.
 *
 * @param digestAt when the last digest was told; 0 for never
 * @param digestBy the tick that told it
 * @param raisedAt offset of the last event of a tick that counted; -1 for none
 * @param reactedAt offset of the last record in the topic of signals by which a human said something that counted; -1 for none
 */
public record Attentions(
        List<Attention> items, long digestAt, @Nullable String digestBy, long raisedAt, long reactedAt) {
    static final Attentions NONE = new Attentions(List.of(), 0, null, -1, -1);

    /** One run may notify of 50 findings, and one tick raise as many. */
    private static final int MOST = 100;

    public Attentions {
        items = List.copyOf(items);
    }

    /**
     * The same with more, but for what is known already; of one finding the last counts, and of what is too old or too much the
     * oldest goes.
     */
    Attentions with(List<Attention> told, long now) {
        List<Attention> more = told.stream()
                .filter(one ->
                        items.stream().noneMatch(item -> item.attentionId().equals(one.attentionId())))
                .toList();
        List<Attention> kept = new ArrayList<>(items.stream()
                .filter(item -> item.expiresAt() > now)
                .filter(item -> more.stream().noneMatch(other -> other.isAbout(item)))
                .toList());
        kept.addAll(more);
        return new Attentions(
                kept.subList(Math.max(0, kept.size() - MOST), kept.size()), digestAt, digestBy, raisedAt, reactedAt);
    }

    Attentions without(String fingerprint) {
        return new Attentions(
                items.stream()
                        .filter(item -> !fingerprint.equals(item.fingerprint()))
                        .toList(),
                digestAt,
                digestBy,
                raisedAt,
                reactedAt);
    }

    /** What waits is told in that conversation from now on. */
    Attentions in(String thread, long now) {
        return new Attentions(
                items.stream()
                        .filter(item -> item.expiresAt() > now)
                        .map(item -> item.threadId() == null ? item.toldIn(thread) : item)
                        .toList(),
                digestAt,
                digestBy,
                raisedAt,
                reactedAt);
    }

    Attentions raised(long offset) {
        return new Attentions(items, digestAt, digestBy, offset, reactedAt);
    }

    Attentions reacted(long requestOffset) {
        return new Attentions(items, digestAt, digestBy, raisedAt, requestOffset);
    }

    Attentions digested(String tick, long now) {
        return new Attentions(items, now, tick, raisedAt, reactedAt);
    }
}
