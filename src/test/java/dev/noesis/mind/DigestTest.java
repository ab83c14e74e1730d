package dev.noesis.mind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.serde.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {
    private static final long SEED = 20_260_101;

    @Test
    void aSetsHashDoesNotDependOnTheOrderOfItsChanges() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            keys.add("key" + i);
        }
        Digest one = sum(keys);
        Collections.shuffle(keys, new Random(SEED));

        assertThat(sum(keys)).isEqualTo(one);
        assertThat(one.plus(bytes("more"), bytes("x")).minus(bytes("more"), bytes("x")))
                .isEqualTo(one);
        assertThat(sum(keys.subList(1, 100))).isNotEqualTo(one);
    }

    @Test
    void whereAKeyEndsCounts() {
        assertThat(Digest.ZERO.plus(bytes("ab"), bytes("c"))).isNotEqualTo(Digest.ZERO.plus(bytes("a"), bytes("bc")));
        assertThat(Digest.ZERO.chain(0, bytes("ab"), bytes("c")))
                .isNotEqualTo(Digest.ZERO.chain(0, bytes("a"), bytes("bc")));
    }

    @Test
    void aLogsHashDependsOnTheOrderAndOnTheOffsets() {
        Digest inOrder = Digest.ZERO.chain(0, bytes("a"), bytes("1")).chain(1, bytes("b"), bytes("2"));

        assertThat(Digest.ZERO.chain(0, bytes("b"), bytes("2")).chain(1, bytes("a"), bytes("1")))
                .isNotEqualTo(inOrder);
        assertThat(Digest.ZERO.chain(1, bytes("a"), bytes("1")).chain(2, bytes("b"), bytes("2")))
                .isNotEqualTo(inOrder);
    }

    @Test
    void anyByteOfALogThatChangesChangesItsHash() {
        List<TestLog.Entry> log = RandomLog.of(SEED, 60);
        String untouched = hash(log);
        assertThat(hash(log)).isEqualTo(untouched);

        Random random = new Random(SEED);
        for (int i = 0; i < log.size(); i++) {
            TestLog.Entry entry = log.get(i);
            byte[] touched = entry.value() == null || entry.value().length == 0 ? entry.key() : entry.value();
            if (touched.length == 0) {
                continue;
            }
            int at = random.nextInt(touched.length);
            touched[at] ^= 1;
            assertThat(hash(log))
                    .as("byte %d of record %d, seed %d", at, i, SEED)
                    .isNotEqualTo(untouched);
            touched[at] ^= 1;
        }
    }

    @Test
    void aPositionIsTheSameAfterAJourneyThroughJson() {
        Fold.Position position = new Fold.Position(
                Long.MAX_VALUE, Specs.T0, new Digest(-1, Long.MIN_VALUE), new Digest(Long.MAX_VALUE, 0), 1);

        assertThat(Json.read(Json.write(position), Fold.Position.class)).isEqualTo(position);
    }

    @Test
    void aHashIsShownAsThirtyTwoHexadecimalDigits() {
        assertThat(new Digest(-1, 10).hex()).isEqualTo("ffffffffffffffff000000000000000a");
    }

    /** The chain alone, as the fold keeps it: a changed type would stop a fold, and hide what this is about. */
    private static String hash(List<TestLog.Entry> log) {
        Digest digest = Digest.ZERO;
        for (TestLog.Entry entry : log) {
            digest = digest.chain(entry.offset(), entry.key(), entry.value() == null ? new byte[0] : entry.value());
        }
        return digest.hex();
    }

    private static Digest sum(List<String> keys) {
        Digest sum = Digest.ZERO;
        for (String key : keys) {
            sum = sum.plus(bytes(key), bytes("value of " + key));
        }
        return sum;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
