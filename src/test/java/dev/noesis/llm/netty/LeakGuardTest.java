package dev.noesis.llm.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class LeakGuardTest {
    @Test
    void aLeakedBufferIsFoundAndAReleasedOneIsNot() {
        LeakGuard.install();
        Unpooled.directBuffer(8).touch("released").release();
        assertThat(LeakGuard.collect()).isEmpty();

        Unpooled.directBuffer(8).touch("forgotten in the test");
        assertThat(LeakGuard.collect()).contains("forgotten in the test");
        assertThat(LeakGuard.collect()).isEmpty();
    }
}
