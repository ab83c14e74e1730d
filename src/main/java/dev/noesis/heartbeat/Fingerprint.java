package dev.noesis.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What identifies a thing: who saw it, where, and its id there. Whatever else changes about it, it is the same thing. */
public final class Fingerprint {
    private Fingerprint() {}

    /** 16 hexadecimal digits. */
    public static String of(String check, String source, String id) {
        try {
            byte[] sha =
                    MessageDigest.getInstance("SHA-256").digest((check + "\0" + source + "\0" + id).getBytes(UTF_8));
            return HexFormat.of().formatHex(sha, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
