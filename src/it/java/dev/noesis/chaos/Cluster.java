package dev.noesis.chaos;

import dev.noesis.chaos.Network.Link;
import dev.noesis.cli.Noesis;
import dev.noesis.demo.Quorum;
import dev.noesis.it.Deployment;
import dev.noesis.it.JavaProcess;
import dev.noesis.it.JavaProcess.Program;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brokers, model server and workers, each a process that prints to files of its own.
 *
 * <p><b>Threading.</b> Any thread, once it is started. {@link #close()} kills whatever is left, at any time.
 */
final class Cluster implements AutoCloseable {
    private static final int BROKER_HEAP_MIB = 512;
    private static final int WORKER_HEAP_MIB = 384;
    private static final int MODEL_HEAP_MIB = 256;

    /** A hung call is given up soon, and a run before the run of all is; else as Noesis comes. */
    private static final Map<String, String> WORKER_SETTINGS = Map.of(
            "llm.first.byte.timeout.ms", "4000",
            "llm.idle.timeout.ms", "4000",
            "run.deadline.ms", "90000",
            "drain.ms", "10000");

    private final Shape shape;
    private final Network network;
    private final StateDirs stateDirs;
    private final List<Integer> ports;
    private final List<Member> brokers = new ArrayList<>();
    private final List<Member> workers = new ArrayList<>();
    private final Member model;
    private @Nullable Deployment deployment;
    private @Nullable Groups groups;

    Cluster(Shape shape) throws IOException {
        this.shape = shape;
        this.network = shape.rootTools() ? Namespaces.orLoopback(shape.workers()) : new Network.Loopback();
        this.stateDirs = new StateDirs(shape);
        this.ports = freePorts(2 * shape.brokers() + 1);
        String clusterId = Quorum.newClusterId();
        IntStream.range(0, shape.brokers()).mapToObj(i -> broker(i, clusterId)).forEach(brokers::add);
        IntStream.range(0, shape.workers()).mapToObj(this::worker).forEach(workers::add);
        this.model = modelServer();
    }

    /** Returns when all of it serves. */
    void start() {
        List<Member> first = Stream.concat(brokers.stream(), Stream.of(model)).toList();
        first.forEach(Member::start);
        first.forEach(Member::awaitReady);
        deployment = Deployment.create(bootstrapServers(), "chaos", stateDirs.parent(), shape.partitions());
        groups = new Groups(bootstrapServers(), deployment.topics(), shape.partitions());
        workers.forEach(Member::start);
        workers.forEach(Member::awaitReady);
    }

    Shape shape() {
        return shape;
    }

    Network network() {
        return network;
    }

    StateDirs stateDirs() {
        return stateDirs;
    }

    List<Member> brokers() {
        return brokers;
    }

    List<Member> workers() {
        return workers;
    }

    Member model() {
        return model;
    }

    List<Member> members() {
        return Stream.of(brokers, List.of(model), workers).flatMap(List::stream).toList();
    }

    Deployment deployment() {
        return Objects.requireNonNull(deployment, "it is not started");
    }

    Groups groups() {
        return Objects.requireNonNull(groups, "it is not started");
    }

    String bootstrapServers() {
        return IntStream.range(0, shape.brokers())
                .mapToObj(i -> network.address(Link.BROKERS) + ":" + ports.get(i))
                .collect(Collectors.joining(","));
    }

    String modelUrl() {
        return "http://" + network.address(Link.MODEL) + ":" + ports.getLast();
    }

    /** Which partitions that worker's chat lane has, as far as can be known. */
    Set<Integer> partitionsOf(int worker) throws InterruptedException, ExecutionException {
        return groups().partitionsOf(stateDirs.instanceId(worker));
    }

    Set<Integer> allPartitions() {
        return IntStream.range(0, shape.partitions()).boxed().collect(Collectors.toSet());
    }

    private Member broker(int index, String clusterId) {
        List<String> arguments = new ArrayList<>(List.of(
                network.address(Link.BROKERS),
                ports.get(index).toString(),
                shape.dir().resolve("data-" + index).toString(),
                clusterId,
                Integer.toString(index + 1)));
        ports.subList(shape.brokers(), 2 * shape.brokers()).forEach(port -> arguments.add(port.toString()));
        String name = "broker-" + index;
        return new Member(
                name,
                n -> new Program(
                        List.of(), JavaProcess.lasting(BROKER_HEAP_MIB), BrokerNode.class, arguments, log(name, n)),
                Pattern.compile(BrokerNode.READY));
    }

    private Member modelServer() {
        Path script = shape.dir().resolve("model.yaml");
        try (InputStream in = Objects.requireNonNull(Cluster.class.getResourceAsStream("model.yaml"))) {
            Files.copy(in, script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        List<String> arguments = List.of(
                "model",
                "--host",
                network.address(Link.MODEL),
                "--port",
                ports.getLast().toString(),
                "--script",
                script.toString());
        return new Member(
                "model",
                n -> new Program(
                        List.of(), JavaProcess.small(MODEL_HEAP_MIB), Noesis.class, arguments, log("model", n)),
                Pattern.compile("model server at"));
    }

    private Member worker(int index) {
        String name = Fault.worker(index);
        return new Member(
                name,
                n -> new Program(
                        network.prefix(index),
                        JavaProcess.small(WORKER_HEAP_MIB),
                        Noesis.class,
                        workerArguments(name),
                        log(name, n)),
                Pattern.compile("noesis worker is ready"));
    }

    private List<String> workerArguments(String name) {
        List<String> arguments = new ArrayList<>(List.of("worker"));
        Map<String, String> settings = deployment().settings(name, URI.create(modelUrl()));
        settings.putAll(WORKER_SETTINGS);
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        return arguments;
    }

    private Path log(String name, int start) {
        return shape.dir().resolve(name + "-" + start + ".log");
    }

    /** So many ports that are free now, all different. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    @Override
    public void close() {
        members().forEach(Member::close);
        if (groups != null) {
            groups.close();
        }
        if (deployment != null) {
            deployment.close();
        }
        stateDirs.close();
        network.close();
    }
}
