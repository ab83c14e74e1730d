package dev.noesis.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka cluster of one node, broker and controller in one, made of Kafka's own server classes and run inside this
 * process; or one node of a {@link Quorum} of several, each in a process of its own.
 *
 * <p>It listens without authentication or encryption, so it binds to the loopback address unless told otherwise. Its
 * settings are those of a small cluster: three replicas of which two are in sync where there are as many nodes, else
 * one; few partitions for the internal topics, no delay before a group's first rebalance, topics only made on purpose,
 * records of up to {@value #MAX_RECORD_BYTES} bytes.
 *
 * <p><b>Data.</b> With a data directory, the cluster's id, topics and offsets outlive the broker; start again on the
 * same directory to go on, on any port. Kafka locks the directory, so that a second broker on it fails. Without one the
 * data live in a temporary directory, which {@link #close()} deletes.
 *
 * <p><b>Threading.</b> Starting blocks until the broker takes requests (1 to 3 s); {@link #close()} blocks until it has
 * stopped (about 1 s), may be called by any thread, and does nothing the second time.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** The largest record batch the broker takes: 8 MiB for the record and 256 KiB for what goes around it. */
    public static final int MAX_RECORD_BYTES = (8 * 1024 + 256) * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String LOOPBACK = "127.0.0.1";
    private static final byte[] LOOPBACK_BYTES = {127, 0, 0, 1};
    private static final int BIND_ATTEMPTS = 5;

    private final KafkaRaftServer server;
    private final String host;
    private final int port;
    private final String clusterId;
    private final Path dataDir;
    private final boolean temporary;
    private boolean closed;

    private EmbeddedBroker(
            KafkaRaftServer server, String host, int port, String clusterId, Path dataDir, boolean temporary) {
        this.server = server;
        this.host = host;
        this.port = port;
        this.clusterId = clusterId;
        this.dataDir = dataDir;
        this.temporary = temporary;
    }

    /**
     * How to start.
     *
     * @param host the address to bind to and to advertise to clients; for a wildcard, clients are told 127.0.0.1 unless
     *     {@code advertised.listeners} is among the properties
     * @param port 1 to 65,535, or 0 for a free one
     * @param dataDir where the data are kept; made where it is missing; null for a temporary one
     * @param quorum the cluster it is a node of; null for one of its own
     * @param properties broker properties that override this class's
     */
    public record Options(
            String host,
            int port,
            @Nullable Path dataDir,
            @Nullable Quorum quorum,
            Map<String, String> properties) {
        public Options {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port is between 0 and 65535, not " + port);
            }
            properties = Map.copyOf(properties);
        }

        /** Loopback, a free port, temporary data. */
        public static Options defaults() {
            return new Options(LOOPBACK, 0, null, null, Map.of());
        }

        public Options withHost(String host) {
            return new Options(host, port, dataDir, quorum, properties);
        }

        public Options withPort(int port) {
            return new Options(host, port, dataDir, quorum, properties);
        }

        public Options withDataDir(Path dataDir) {
            return new Options(host, port, dataDir, quorum, properties);
        }

        public Options withQuorum(Quorum quorum) {
            return new Options(host, port, dataDir, quorum, properties);
        }

        public Options withProperties(Map<String, String> properties) {
            return new Options(host, port, dataDir, quorum, properties);
        }
    }

    /** Starts a broker on loopback, on a free port, with temporary data. */
    public static EmbeddedBroker start() {
        return start(Options.defaults());
    }

    /**
     * Starts a broker and waits until it takes requests.
     *
     * @throws UncheckedIOException if the port is taken, or the data directory cannot be used
     * @throws KafkaException if Kafka refuses a property, or the data directory belongs to another broker
     */
    public static EmbeddedBroker start(Options options) {
        Path given = options.dataDir();
        Path dataDir = given != null ? given : temporaryDirectory();
        try {
            return start(options, dataDir);
        } catch (RuntimeException | Error e) {
            if (given == null) {
                deleteRecursively(dataDir);
            }
            throw e;
        }
    }

    private static EmbeddedBroker start(Options options, Path dataDir) {
        String clusterId = clusterIdOf(dataDir);
        for (int attempt = 1; ; attempt++) {
            int[] free = freePorts(options.host());
            int port = options.port() == 0 ? free[0] : options.port();
            if (options.port() != 0) {
                checkFree(options.host(), port);
            }
            Quorum quorum = options.quorum() != null ? options.quorum() : Quorum.ofOne(free[1]);
            Map<String, String> properties = properties(options, port, quorum, dataDir);
            if (clusterId == null) {
                clusterId = quorum.clusterId();
                format(dataDir, clusterId, properties);
            }
            KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
            try {
                server.startup();
                return new EmbeddedBroker(server, options.host(), port, clusterId, dataDir, options.dataDir() == null);
            } catch (RuntimeException | Error e) {
                server.shutdown();
                server.awaitShutdown();
                // A free port is only known to have been free a moment ago: a lost race for one is tried again.
                if (!isBindFailure(e) || attempt == BIND_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Where clients connect to: {@code host:port}. */
    public String bootstrapServers() {
        return advertised(host) + ":" + port;
    }

    public int port() {
        return port;
    }

    /** The cluster's id, the same for the life of a data directory. */
    public String clusterId() {
        return clusterId;
    }

    public Path dataDir() {
        return dataDir;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            if (temporary) {
                deleteRecursively(dataDir);
            }
        }
    }

    private static Map<String, String> properties(Options options, int port, Quorum quorum, Path dataDir) {
        String controller = LOOPBACK + ":" + quorum.controllerPort();
        String replicas = quorum.size() >= 3 ? "3" : "1";
        String inSync = quorum.size() >= 3 ? "2" : "1";
        Map<String, String> p = new LinkedHashMap<>();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(quorum.nodeId()));
        p.put("controller.listener.names", "CONTROLLER");
        p.put("controller.quorum.voters", quorum.voters(LOOPBACK));
        p.put("listeners", "PLAINTEXT://" + options.host() + ":" + port + ",CONTROLLER://" + controller);
        p.put("advertised.listeners", "PLAINTEXT://" + advertised(options.host()) + ":" + port);
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("inter.broker.listener.name", "PLAINTEXT");
        p.put("log.dirs", dataDir.toAbsolutePath().toString());

        p.put("auto.create.topics.enable", "false");
        p.put("default.replication.factor", replicas);
        p.put("min.insync.replicas", inSync);
        p.put("offsets.topic.replication.factor", replicas);
        p.put("offsets.topic.num.partitions", "4");
        p.put("transaction.state.log.replication.factor", replicas);
        p.put("transaction.state.log.min.isr", inSync);
        p.put("transaction.state.log.num.partitions", "4");
        p.put("share.coordinator.state.topic.replication.factor", replicas);
        p.put("share.coordinator.state.topic.min.isr", inSync);
        p.put("share.coordinator.state.topic.num.partitions", "1");
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("group.min.session.timeout.ms", "500");

        String maxBytes = Integer.toString(MAX_RECORD_BYTES);
        p.put("message.max.bytes", maxBytes);
        p.put("replica.fetch.max.bytes", maxBytes);
        p.put("replica.fetch.response.max.bytes", Integer.toString(2 * MAX_RECORD_BYTES));

        // A small cluster: small pools and a small cleaner buffer (its default takes 128 MiB of heap).
        p.put("num.network.threads", "2");
        p.put("num.io.threads", "4");
        p.put("background.threads", "2");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 * 1024 * 1024));
        // A controlled shutdown takes two heartbeats; to several nodes of a small machine as many as that are a burden.
        p.put("broker.heartbeat.interval.ms", quorum.size() == 1 ? "100" : "1000");
        p.putAll(options.properties());
        return p;
    }

    private static String advertised(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress() ? LOOPBACK : host;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + host + ": " + e.getMessage(), e);
        }
    }

    /**
     * The cluster's id where the directory was formatted before, else null. Makes the directory where it is missing.
     */
    private static @Nullable String clusterIdOf(Path dataDir) {
        Path meta = dataDir.resolve("meta.properties");
        try {
            Files.createDirectories(dataDir);
            if (!Files.exists(meta)) {
                return null;
            }
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(meta)) {
                properties.load(reader);
            }
            String id = properties.getProperty("cluster.id");
            if (id == null) {
                throw new IOException(meta + " names no cluster.id");
            }
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the data directory " + dataDir + ": " + e.getMessage(), e);
        }
    }

    /** Formats the data directory with Kafka's own tool, which reads a file of broker properties. */
    private static void format(Path dataDir, String clusterId, Map<String, String> properties) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int exit;
        try {
            Path file = Files.createTempFile("noesis-broker", ".properties");
            try {
                Properties written = new Properties();
                written.putAll(properties);
                try (Writer writer = Files.newBufferedWriter(file)) {
                    written.store(writer, null);
                }
                exit = StorageTool.execute(
                        new String[] {"format", "--cluster-id", clusterId, "--config", file.toString()},
                        new PrintStream(output, true, StandardCharsets.UTF_8));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the data directory " + dataDir + ": " + e.getMessage(), e);
        }
        if (exit != 0) {
            throw new KafkaException("cannot format the data directory " + dataDir + ": "
                    + output.toString(StandardCharsets.UTF_8).strip());
        }
    }

    /** Two different ports that are free now: one of the host for clients, one of loopback for the controller. */
    private static int[] freePorts(String host) {
        try {
            // Held open together, so that they differ.
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getByName(host));
                    ServerSocket second = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK_BYTES))) {
                return new int[] {first.getLocalPort(), second.getLocalPort()};
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + host + ": " + e.getMessage(), e);
        }
    }

    private static void checkFree(String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    private static boolean isBindFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("noesis-broker");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
    }

    private static void deleteRecursively(Path dir) {
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn().addKeyValue("dir", dir).setCause(e).log("temporary data not deleted");
        }
    }
}
