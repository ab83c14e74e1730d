package dev.noesis.mind;

import dev.noesis.model.Finding.Urgency;
import org.jspecify.annotations.Nullable;

/**
 * What a human should see.
 *
 * @param attentionId unique within the agent
 * @param fingerprint of the finding; null where it is about several
 * @param expiresAt after that it is told no more, epoch milliseconds
 * @param threadId the conversation in which it is told; null: the next one that goes on
 */
public record Attention(
        String attentionId,
        Urgency severity,
        String title,
        String text,
        @Nullable String fingerprint,
        String tickId,
        long expiresAt,
        @Nullable String threadId) {
    boolean isAbout(Attention other) {
        return fingerprint == null ? attentionId.equals(other.attentionId()) : fingerprint.equals(other.fingerprint());
    }

    Attention toldIn(String thread) {
        return new Attention(attentionId, severity, title, text, fingerprint, tickId, expiresAt, thread);
    }
}
