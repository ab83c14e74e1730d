package dev.noesis.mind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.mind.RecentEntries.Recent;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {
    private static final int MAX_BYTES = 10_000;

    private final RecentEntries entries = new RecentEntries(MAX_BYTES);

    @Test
    void whatWasPutIsKnown() {
        Recent one = entry(10);
        entries.put("one", one);

        assertThat(entries.get("one")).isSameAs(one);
        assertThat(entries.get("two")).isNull();
    }

    @Test
    void absenceIsKnownToo() {
        entries.put("none", new Recent(null, null));

        assertThat(entries.get("none")).isEqualTo(new Recent(null, null));
    }

    @Test
    void whatWasUsedLongestAgoGoesFirst() {
        entries.put("used", entry(10));
        for (int i = 0; i < MAX_BYTES; i++) {
            entries.put("other " + i, entry(10));
            assertThat(entries.get("used")).isNotNull();
        }

        assertThat(entries.get("other 0")).isNull();
        assertThat(entries.get("other " + (MAX_BYTES - 1))).isNotNull();
    }

    @Test
    void aLargeEntryIsNotKeptAndTakesItsFormerOneAlong() {
        entries.put("large", entry(10));

        entries.put("large", entry(MAX_BYTES / 2));

        assertThat(entries.get("large")).isNull();
    }

    @Test
    void whatWasReplacedOrRemovedTakesNoRoom() {
        entries.put("first", entry(10));
        for (int i = 0; i < MAX_BYTES; i++) {
            entries.put("replaced", entry(10 + i % 100));
            entries.put("removed", entry(100));
            entries.remove("removed");
        }

        assertThat(entries.get("first")).isNotNull();
        assertThat(entries.get("removed")).isNull();
    }

    private static Recent entry(int bytes) {
        return new Recent(new byte[bytes], "value");
    }
}
