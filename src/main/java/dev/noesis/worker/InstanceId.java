package dev.noesis.worker;

import dev.noesis.config.ConfigurationException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A worker's name, made once and kept in its state directory, which is locked while the worker runs: two workers with one
 * name would throw each other out of their groups for ever.
 */
final class InstanceId implements AutoCloseable {
    private final String id;
    private final FileChannel channel;
    private final FileLock lock;

    private InstanceId(String id, FileChannel channel, FileLock lock) {
        this.id = id;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Locks the directory and reads or makes the name.
     *
     * @param configured the name to use; null: the one kept, or a new one
     * @throws ConfigurationException if another worker runs on the directory, or it cannot be used
     */
    static InstanceId lock(Path stateDir, @Nullable String configured) {
        try {
            Files.createDirectories(stateDir);
            FileChannel channel = FileChannel.open(
                    stateDir.resolve("worker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new ConfigurationException("state.dir: another worker runs on " + stateDir.toAbsolutePath()
                        + "; give each worker a directory of its own");
            }
            return new InstanceId(configured == null ? kept(stateDir) : configured, channel, lock);
        } catch (IOException e) {
            throw new ConfigurationException("state.dir: " + stateDir.toAbsolutePath() + " cannot be used: " + e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String kept(Path stateDir) throws IOException {
        Path file = stateDir.resolve("instance.id");
        // a crash between making the file and writing it leaves it empty
        String kept = Files.exists(file) ? Files.readString(file).strip() : "";
        if (!kept.isEmpty()) {
            return kept;
        }
        String made = UUID.randomUUID().toString();
        Files.writeString(file, made);
        return made;
    }

    String id() {
        return id;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (lock.isValid()) {
                lock.release();
            }
        }
    }
}
