package dev.noesis.worker;

import dev.noesis.config.StoreConfig;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The native memory of all stores of a worker: one cache, against which the write buffers count, too. Without it each store
 * would have a cache and buffers of its own, and the worker's memory would grow with its partitions.
 *
 * <p>Write buffers may be beyond their share for a while, since a store's are written to disk only at its own next write, and
 * the disk may not keep up: a store waits for it when two of its own are full. RocksDB could stall all writers instead, but
 * one whose own buffer is empty would then wait for buffers that only its own thread could have written out.
 *
 * <p>Closing gives this handle up; stores that are open still keep what they share until the last is closed.
 *
 * <p><b>Threading.</b> May be used by any thread.
 */
final class StoreMemory implements AutoCloseable {
    private static final int SHARD_BITS_BY_SIZE = -1;
    /** Space may be exceeded by blocks in use: a read that fails instead would fail the lane. */
    private static final boolean STRICT = false;

    /** Indexes and filters are the last to be evicted: without them a read costs several blocks. */
    private static final double PRIORITY_SHARE = 0.25;

    private static final long WRITE_BUFFER_BYTES = 2L * 1024 * 1024;
    private static final int WRITE_BUFFERS = 2;
    /** What a store takes at its first write. The default of an eighth of a write buffer would use 64 stores' share up. */
    private static final long ARENA_BLOCK_BYTES = 64L * 1024;

    private final Cache cache;
    private final WriteBufferManager writeBuffers;
    private boolean closed;

    StoreMemory(StoreConfig config) {
        RocksDB.loadLibrary();
        this.cache = new LRUCache(config.memoryBytes(), SHARD_BITS_BY_SIZE, STRICT, PRIORITY_SHARE);
        this.writeBuffers = new WriteBufferManager(config.writeBufferBytes(), cache);
    }

    /**
     * Has a store share the memory.
     *
     * @throws IllegalStateException if it is closed
     */
    synchronized void boundTo(Options options) {
        if (closed) {
            throw new IllegalStateException("a store is opened while its worker ends");
        }
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(cache);
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        table.setPinTopLevelIndexAndFilter(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(writeBuffers);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(WRITE_BUFFERS);
        options.setArenaBlockSize(ARENA_BLOCK_BYTES);
    }

    /** Bytes in use, write buffers included; 0 once it is closed. */
    synchronized long used() {
        return closed ? 0 : cache.getUsage();
    }

    /** Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            writeBuffers.close();
            cache.close();
        }
    }
}
