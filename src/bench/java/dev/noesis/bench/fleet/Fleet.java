package dev.noesis.bench.fleet;

import dev.noesis.it.BrokerProcess;
import dev.noesis.it.WorkerProcess;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;

/**
 * A broker, a model server and workers, each a process of its own, in a directory that is gone when this is closed.
 *
 * <p><b>Threading.</b> One thread; a shutdown hook ends the processes where it could not.
 */
public final class Fleet implements AutoCloseable {
    private static final List<String> BROKER = List.of("-XX:+UseSerialGC", "-Xmx1g");

    /** As {@code bin/noesis} starts them, with a bounded heap. */
    private static final List<String> WORKER = List.of(
            "@src/main/dist/conf/jvm.options",
            "-Xmx" + Settings.text("heap", "512m"),
            "-Dnoesis.log.level=WARN",
            "-Dlogback.configurationFile=logback.xml");

    private static final Duration BROKER_LIMIT = Duration.ofSeconds(30);

    private final Path dir;
    private final BrokerProcess broker;
    private final ModelProcess model;
    private final List<String> workerPrefix;
    private final List<ModelProcess> moreModels = new CopyOnWriteArrayList<>();
    private final List<WorkerProcess> workers = new CopyOnWriteArrayList<>();

    private Fleet(Path dir, BrokerProcess broker, ModelProcess model, List<String> workerPrefix) {
        this.dir = dir;
        this.broker = broker;
        this.model = model;
        this.workerPrefix = workerPrefix;
    }

    /** @param script of the model server */
    public static Fleet start(String script) throws IOException {
        return start(script, List.of());
    }

    /** @param workerPrefix a command that runs each worker, such as one that chooses its cores; empty for none */
    public static Fleet start(String script, List<String> workerPrefix) throws IOException {
        Path dir = Files.createTempDirectory("noesis-bench");
        BrokerProcess broker = BrokerProcess.start(dir, BROKER);
        try {
            Fleet fleet = new Fleet(dir, broker, ModelProcess.start(dir, "model", script), workerPrefix);
            Runtime.getRuntime().addShutdownHook(new Thread(fleet::close, "bench-stop"));
            return fleet;
        } catch (IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    public ModelProcess model() {
        return model;
    }

    /** Starts another model server, which no worker knows that is not told of it. */
    public ModelProcess startModel(String name, String script) throws IOException {
        ModelProcess more = ModelProcess.start(dir, name, script);
        moreModels.add(more);
        return more;
    }

    /** Makes the topics of a deployment. */
    public Topics deploy(String deployment, int partitions) {
        Topics topics = new Topics(deployment);
        var _ = new TopicAdmin(Map.of("bootstrap.servers", bootstrapServers()), BROKER_LIMIT)
                .create(topics.specs(), partitions, 1);
        return topics;
    }

    public Path stateDir(String deployment, int number) {
        return dir.resolve(deployment + "-worker-" + number);
    }

    /** Starts a worker on its state directory, and does not wait for it. */
    public WorkerProcess launch(String deployment, int number, Map<String, String> more, String... jvmOptions) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bootstrap.servers", bootstrapServers());
        settings.put("deployment", deployment);
        settings.put("instance.id", "w" + number);
        settings.put("state.dir", stateDir(deployment, number).toString());
        settings.put("llm.base.url", model.url().toString());
        settings.put("http.port", "0");
        settings.putAll(more);
        settings.putAll(Settings.pairs("set"));
        List<String> options = new ArrayList<>(WORKER);
        options.addAll(List.of(jvmOptions));
        WorkerProcess worker = WorkerProcess.launch(settings, workerPrefix, options);
        workers.add(worker);
        return worker;
    }

    /** Removes the state directories of a deployment, of workers that have ended. */
    public void forget(String deployment) throws IOException {
        try (Stream<Path> dirs = Files.list(dir)) {
            for (Path state : dirs.filter(Files::isDirectory)
                    .filter(d -> d.getFileName().toString().startsWith(deployment + "-worker-"))
                    .toList()) {
                delete(state);
            }
        }
    }

    /** Bytes that the broker keeps of each topic of a deployment, changelogs among them. */
    public Map<String, Long> topicBytes(Topics topics) throws InterruptedException, ExecutionException {
        List<String> known = topics.specs().stream().map(TopicSpec::name).toList();
        Map<String, Long> bytes = new TreeMap<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.describeLogDirs(List.of(1))
                    .allDescriptions()
                    .get()
                    .values()
                    .forEach(dirs -> dirs.values()
                            .forEach(log -> log.replicaInfos().forEach((partition, info) -> {
                                if (known.contains(partition.topic()) || isChangelog(partition, topics)) {
                                    bytes.merge(partition.topic(), info.size(), Long::sum);
                                }
                            })));
        }
        return bytes;
    }

    private static boolean isChangelog(TopicPartition partition, Topics topics) {
        return partition.topic().startsWith(topics.name("noesis-"));
    }

    @Override
    public void close() {
        workers.forEach(WorkerProcess::close);
        model.close();
        moreModels.forEach(ModelProcess::close);
        broker.close();
        try {
            delete(dir);
        } catch (IOException e) {
            System.err.println("not all of " + dir + " is deleted: " + e.getMessage());
        }
    }

    private static void delete(Path dir) throws IOException {
        if (!Files.exists(dir)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
