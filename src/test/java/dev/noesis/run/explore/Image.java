package dev.noesis.run.explore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.Bytes;

/** What a task's store holds at some moment. */
final class Image {
    static final Image EMPTY = new Image(new TreeMap<>());

    /** It differs where orders differ that come to the same. */
    private static final Pattern LOG_HASH = Pattern.compile("\"logHash\":\\{[^}]*}");

    private static final String POSITION = "position\1fold";

    private final Bytes[] keys;
    private final byte[][] values;

    /** Of all entries, but for the hash of the log. */
    private final Key key;

    /** Names something by the hash of its content. */
    record Key(long high, long low) {
        static Key of(byte[]... parts) {
            MessageDigest sha;
            try {
                sha = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
            for (byte[] part : parts) {
                sha.update(ByteBuffer.allocate(4).putInt(part.length).flip());
                sha.update(part);
            }
            ByteBuffer digest = ByteBuffer.wrap(sha.digest());
            return new Key(digest.getLong(), digest.getLong());
        }
    }

    Image(NavigableMap<Bytes, byte[]> entries) {
        keys = entries.keySet().toArray(Bytes[]::new);
        values = entries.values().toArray(byte[][]::new);
        byte[][] all = new byte[2 * keys.length][];
        for (int i = 0; i < keys.length; i++) {
            all[2 * i] = keys[i].get();
            all[2 * i + 1] = values[i];
            if (new String(keys[i].get(), UTF_8).equals(POSITION)) {
                all[2 * i + 1] = LOG_HASH.matcher(new String(values[i], UTF_8))
                        .replaceAll("")
                        .getBytes(UTF_8);
            }
        }
        key = Key.of(all);
    }

    Key key() {
        return key;
    }

    NavigableMap<Bytes, byte[]> entries() {
        NavigableMap<Bytes, byte[]> entries = new TreeMap<>();
        for (int i = 0; i < keys.length; i++) {
            entries.put(keys[i], values[i]);
        }
        return entries;
    }

    void forEach(BiConsumer<String, byte[]> visitor) {
        for (int i = 0; i < keys.length; i++) {
            visitor.accept(new String(keys[i].get(), UTF_8), values[i]);
        }
    }
}
