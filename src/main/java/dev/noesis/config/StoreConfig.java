package dev.noesis.config;

/**
 * How much native memory the stores of a worker use, all together.
 *
 * @param memoryBytes for what is read from disk and what is to be written
 * @param writeBufferBytes the part of it that may wait to be written; at most three quarters
 */
public record StoreConfig(long memoryBytes, long writeBufferBytes) {
    private static final long MIB = 1024 * 1024;
    static final Range MEMORY = new Range(4 * MIB, 1024 * 1024 * MIB);

    /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
    public StoreConfig {
        MEMORY.check(Keys.STORE_MEMORY, memoryBytes);
        MEMORY.check(Keys.STORE_WRITE_BUFFERS, writeBufferBytes);
        if (writeBufferBytes > memoryBytes / 4 * 3) {
            throw new IllegalArgumentException("%s (%d) must leave a quarter of %s (%d) for what is read from disk"
                    .formatted(Keys.STORE_WRITE_BUFFERS, writeBufferBytes, Keys.STORE_MEMORY, memoryBytes));
        }
    }
}
