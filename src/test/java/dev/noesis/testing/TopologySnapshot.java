package dev.noesis.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noesis.model.Lane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares a lane's topology with its description of record. */
public final class TopologySnapshot {
    private TopologySnapshot() {}

    /** @param resource below {@code src/test/resources} */
    public static void assertUnchanged(Lane lane, String resource) {
        Path file = Path.of("src/test/resources", resource);
        String described = TestLane.describe(lane);
        try {
            if (Boolean.getBoolean("snapshots.update")) {
                Files.writeString(file, described);
            }
            assertThat(described).as("""
                            The topology of the %s lane has changed. A store, changelog or node that is renamed is a new \
                            one, and what a deployment keeps under the old name is lost. If that is meant, update %s with
                                mvn test -Dtest='*TopologyTest' -Dsnapshots.update=true -Dsurefire.failIfNoSpecifiedTests=false""", lane.id(), file).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
