package dev.noesis.bench.load;

import dev.noesis.cli.Noesis;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A subject that takes requests: its processes, and topics that nobody else has. */
record Started(Subject subject, List<Child> processes, Topics topics, int partitions) implements AutoCloseable {
    private static final Pattern WORKER_READY = Pattern.compile("noesis worker is ready");
    private static final Pattern RIVAL_READY = Pattern.compile(Rival.READY);

    /** @param maxInFlight of each process */
    static Started start(
            Subject subject,
            int workers,
            int partitions,
            int maxInFlight,
            LoadSettings settings,
            Backends backends,
            Processes processes)
            throws InterruptedException {
        String deployment = subject.id() + "-" + workers + "-of-" + partitions;
        Topics topics = new Topics(deployment);
        var _ = new TopicAdmin(Map.of("bootstrap.servers", backends.bootstrapServers()), Duration.ofSeconds(30))
                .create(topics.specs(), partitions, 1);
        List<Child> children = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            String name = deployment + "-" + i;
            String stateDir = processes.dir().resolve("state-" + name).toString();
            List<String> jvm = new ArrayList<>(List.of("-Xmx" + settings.heap()));
            jvm.addAll(settings.options());
            children.add(
                    subject == Subject.NOESIS
                            ? processes.start(
                                    name,
                                    jvm,
                                    Noesis.class,
                                    worker(settings, backends, deployment, stateDir, maxInFlight))
                            : processes.start(
                                    name,
                                    jvm,
                                    Rival.class,
                                    List.of(
                                            subject.id(),
                                            backends.bootstrapServers(),
                                            deployment,
                                            backends.modelUrl(),
                                            Integer.toString(maxInFlight),
                                            stateDir)));
        }
        Started started = new Started(subject, children, topics, partitions);
        for (Child child : children) {
            var _ = child.awaitLine(subject == Subject.NOESIS ? WORKER_READY : RIVAL_READY);
        }
        return started;
    }

    private static List<String> worker(
            LoadSettings settings, Backends backends, String deployment, String stateDir, int maxInFlight) {
        Map<String, String> keys = new LinkedHashMap<>(Map.of(
                "bootstrap.servers",
                backends.bootstrapServers(),
                "llm.base.url",
                backends.modelUrl(),
                "deployment",
                deployment,
                "state.dir",
                stateDir,
                "lanes",
                "chat",
                "http.port",
                "-1",
                "chat.max.in.flight",
                Integer.toString(maxInFlight)));
        keys.putAll(settings.worker());
        List<String> args = new ArrayList<>(List.of("worker"));
        keys.forEach((key, value) -> args.addAll(List.of("--set", key + "=" + value)));
        return args;
    }

    @Override
    public void close() {
        processes.forEach(Child::close);
    }
}
