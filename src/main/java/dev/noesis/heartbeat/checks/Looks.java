package dev.noesis.heartbeat.checks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.model.CheckReport;
import dev.noesis.model.CheckReport.Status;
import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * One look of a check that anybody may have written: whatever it does, what comes of it is a {@link Looked}, and what it found
 * can be told.
 */
public final class Looks {
    /** Of one look; more are left out. */
    public static final int MAX_FOUND = CheckReport.MAX_FINDINGS;

    /** Characters. */
    public static final int MAX_SUMMARY = 2_000;

    /** Characters. */
    public static final int MAX_SOURCE = 200;

    /** Of JSON as UTF-8. */
    public static final int MAX_DATA_BYTES = 16 * 1024;

    private static final int MAX_MESSAGE = 500;

    private Looks() {}

    /**
     * Looks, in place: for as long as the check takes. A look that throws, answers nothing, or found what cannot be told has
     * failed.
     *
     * @param key goes into the answer
     */
    public static Looked look(String key, Check check, View view) {
        long began = System.nanoTime();
        try {
            @Nullable List<Found> found = check.look(view);
            if (found == null) {
                throw new CheckException("it answered null");
            }
            return told(key, check, found, began);
        } catch (Throwable e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return Looked.failed(key, check.name(), millisSince(began), reason(e));
        }
    }

    private static Looked told(String key, Check check, List<Found> found, long began) throws CheckException {
        List<Found> kept = new ArrayList<>();
        boolean cut = false;
        for (Found each : found) {
            cut = kept.size() == MAX_FOUND;
            if (cut) {
                break;
            }
            String wrong = wrong(each);
            if (wrong != null) {
                throw new CheckException("of what it found, the one at " + kept.size() + " " + wrong);
            }
            kept.add(each);
        }
        return new Looked(
                key,
                check.name(),
                Status.OK,
                kept,
                millisSince(began),
                cut ? "more was found than the " + MAX_FOUND + " that count" : null);
    }

    /** Why it cannot be told; null where it can. */
    private static @Nullable String wrong(@Nullable Found found) {
        if (found == null) {
            return "is null";
        }
        if (found.summary().length() > MAX_SUMMARY) {
            return "has a summary of more than " + MAX_SUMMARY + " characters";
        }
        if (found.source().length() > MAX_SOURCE) {
            return "has a source of more than " + MAX_SOURCE + " characters";
        }
        String data = found.data();
        if (!isUnicode(found.id() + found.source() + found.summary() + (data == null ? "" : data))) {
            return "holds half of a surrogate pair, and is not Unicode";
        }
        if (data != null && data.getBytes(UTF_8).length > MAX_DATA_BYTES) {
            return "has data of more than " + MAX_DATA_BYTES + " bytes";
        }
        return data == null || isJson(data) ? null : "has data that is not JSON";
    }

    private static boolean isUnicode(String text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    private static boolean isJson(String text) {
        try {
            return !Json.tree(text).isMissingNode();
        } catch (JacksonException e) {
            return false;
        }
    }

    private static String reason(Throwable thrown) {
        String kind = thrown.getClass().getSimpleName();
        try {
            String message = thrown.getMessage();
            if (message == null || message.isBlank()) {
                return kind;
            }
            return first(thrown instanceof CheckException ? message : kind + ": " + message, MAX_MESSAGE);
        } catch (RuntimeException | Error e) {
            // not even its message can be had
            return kind;
        }
    }

    /** The first characters of a text, and no half of a surrogate pair. */
    static String first(String text, int characters) {
        if (text.length() <= characters) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(characters - 1)) ? characters - 1 : characters);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
