package dev.noesis.heartbeat;

import dev.noesis.model.Lane;
import dev.noesis.testing.TopologySnapshot;
import org.junit.jupiter.api.Test;

/** The heartbeat lane's topology is what its snapshot says. */
class HeartbeatTopologyTest {
    @Test
    void theTopologyIsTheOneDescribed() {
        TopologySnapshot.assertUnchanged(Lane.HEARTBEAT, "dev/noesis/heartbeat/topology.txt");
    }
}
