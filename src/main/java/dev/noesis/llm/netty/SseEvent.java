package dev.noesis.llm.netty;

import java.nio.charset.StandardCharsets;

/** One server-sent event: its name, {@code message} where the stream named none, and its data as it was sent. */
final class SseEvent {
    private final String name;
    private final byte[] data;

    SseEvent(String name, byte[] data) {
        this.name = name;
        this.data = data;
    }

    String name() {
        return name;
    }

    /** UTF-8, not copied: whoever takes the event has it. */
    byte[] data() {
        return data;
    }

    @Override
    public String toString() {
        return name + ": " + new String(data, StandardCharsets.UTF_8);
    }
}
