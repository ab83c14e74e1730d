package dev.noesis.it;

import dev.noesis.demo.EmbeddedBroker;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedBroker.class)
@Timeout(180)
class SmokeIT {
    @Test
    void theMainJobRunsOnTheEmbeddedBroker(EmbeddedBroker broker, @TempDir Path stateDirs) {
        Smoke.run(broker.bootstrapServers(), stateDirs);
    }
}
