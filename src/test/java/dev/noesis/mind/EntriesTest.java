package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every kind of entries promises. */
class EntriesTest {
    static Stream<Entries> kinds() {
        return Stream.of(new MapEntries(), new StoreFixture().entries());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatWasPutIsThereUntilItIsDeleted(Entries entries) {
        assertThat(entries.get("a")).isNull();

        entries.put("a", new byte[] {1});
        entries.put("a", new byte[] {2});
        assertThat(entries.get("a")).containsExactly(2);

        entries.delete("a");
        assertThat(entries.get("a")).isNull();
        entries.delete("a");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aScanVisitsThePrefixAndNothingBesideItInTheOrderOfUnsignedBytes(Entries entries) {
        for (String key : List.of("b", "a\0", "a\0z", "a\0ü", "a\0\uD83D\uDE00", "a\0a", "a\1", "a", "\0")) {
            entries.put(key, key.getBytes(UTF_8));
        }

        assertThat(forwards(entries, "a\0", 99)).containsExactly("a\0", "a\0a", "a\0z", "a\0ü", "a\0\uD83D\uDE00");
        assertThat(backwards(entries, "a\0", 99)).containsExactly("a\0\uD83D\uDE00", "a\0ü", "a\0z", "a\0a", "a\0");
        assertThat(forwards(entries, "c", 99)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aScanEndsWhenItsVisitorHasSeenEnough(Entries entries) {
        for (int i = 0; i < 9; i++) {
            entries.put("k" + i, new byte[0]);
        }
        entries.put("l", new byte[0]);

        assertThat(forwards(entries, "k", 2)).containsExactly("k0", "k1");
        assertThat(backwards(entries, "k", 2)).containsExactly("k8", "k7");
    }

    private static List<String> forwards(Entries entries, String prefix, int limit) {
        List<String> keys = new ArrayList<>();
        entries.scan(prefix, (key, _) -> {
            keys.add(key);
            return keys.size() < limit;
        });
        return keys;
    }

    private static List<String> backwards(Entries entries, String prefix, int limit) {
        List<String> keys = new ArrayList<>();
        entries.scanBackwards(prefix, (key, _) -> {
            keys.add(key);
            return keys.size() < limit;
        });
        return keys;
    }
}
