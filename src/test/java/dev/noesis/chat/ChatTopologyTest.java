package dev.noesis.chat;

import dev.noesis.model.Lane;
import dev.noesis.testing.TopologySnapshot;
import org.junit.jupiter.api.Test;

/** The chat lane's topology is what its snapshot says: names of topics, stores and nodes reach the broker and the disk. */
class ChatTopologyTest {
    @Test
    void theTopologyIsTheOneDescribed() {
        TopologySnapshot.assertUnchanged(Lane.CHAT, "dev/noesis/chat/topology.txt");
    }
}
