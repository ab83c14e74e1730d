package dev.noesis.llm.netty;

import org.junit.jupiter.api.Nested;

/** What a client promises, it promises also where its event loops are always busy, so that each stream rests after each read. */
class BusyLoopsTest {
    @Nested
    class Calls extends NettyLlmClientTest {
        @Override
        int busyReads() {
            return 0;
        }
    }

    @Nested
    class Ends extends ClientEndsTest {
        @Override
        int busyReads() {
            return 0;
        }
    }

    @Nested
    class Faults extends RawFaultsTest {
        @Override
        int busyReads() {
            return 0;
        }
    }

    @Nested
    class Transports extends ClientTransportTest {
        @Override
        int busyReads() {
            return 0;
        }
    }

    @Nested
    class OverTls extends ClientTlsTest {
        @Override
        int busyReads() {
            return 0;
        }
    }
}
