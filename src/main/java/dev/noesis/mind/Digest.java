package dev.noesis.mind;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * 128 bits of SHA-256, used in two ways: chained over the records of a log, and summed over the entries of a set, where the
 * order of changes does not matter. Shows divergence and careless tampering; the sum is no defence against someone who
 * looks for collisions.
 */
public record Digest(long high, long low) {
    public static final Digest ZERO = new Digest(0, 0);

    /** The chain's next link: what was before, then this record. */
    public Digest chain(long offset, byte[] key, byte[] value) {
        MessageDigest sha = sha256();
        sha.update(ByteBuffer.allocate(28)
                .putLong(high)
                .putLong(low)
                .putLong(offset)
                .putInt(key.length)
                .flip());
        sha.update(key);
        return of(sha.digest(value));
    }

    /** The set with one entry more. */
    public Digest plus(byte[] key, byte[] value) {
        Digest entry = entry(key, value);
        return new Digest(high + entry.high, low + entry.low);
    }

    /** The set with one entry less. */
    public Digest minus(byte[] key, byte[] value) {
        Digest entry = entry(key, value);
        return new Digest(high - entry.high, low - entry.low);
    }

    /** 32 hexadecimal digits. */
    public String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    private static Digest entry(byte[] key, byte[] value) {
        MessageDigest sha = sha256();
        sha.update(ByteBuffer.allocate(4).putInt(key.length).flip());
        sha.update(key);
        return of(sha.digest(value));
    }

    private static Digest of(byte[] sha256) {
        ByteBuffer bytes = ByteBuffer.wrap(sha256);
        return new Digest(bytes.getLong(), bytes.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
