package dev.noesis.cli;

import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigSources;
import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis demo}: everything in one process, and a tour of it. */
@Command(
        name = "demo",
        description = {
            "Start a broker, a scripted model server and a worker in this process, and show what they do together.",
            "On a terminal it goes on as a chat. With ANTHROPIC_API_KEY or NOESIS_LLM_BASE_URL set, a real model answers."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class DemoCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "One setting; may be given several times.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path state = Files.createTempDirectory("noesis-demo");
        try {
            return run(state, new TourPages(out));
        } finally {
            delete(state);
        }
    }

    private int run(Path state, TourPages pages) throws InterruptedException {
        pages.title();
        Map<String, String> environment = System.getenv();
        boolean openai = "openai".equals(environment.get("NOESIS_LLM_PROVIDER"));
        boolean real = Stream.of(openai ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY", "NOESIS_LLM_BASE_URL")
                .anyMatch(name -> !environment.getOrDefault(name, "").isEmpty());
        long begun = System.nanoTime();
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                @Nullable ScriptedModelServer model = real ? null : ScriptedModelServer.start()) {
            pages.started("broker", "Kafka's own server, in this process, at " + broker.bootstrapServers(), begun);
            NoesisConfig config = config(environment, broker, model, state);
            pages.started(
                    "model",
                    (model == null ? "a real one, at " : "scripted, over HTTP, at ")
                            + config.chat().llm().baseUrl(),
                    begun);
            var admin = new TopicAdmin(config.kafka(), LIMIT);
            TopicAdmin.Creation topics = admin.create(
                    new Topics(config.deployment()).specs(), config.partitions(), config.replicationFactor());
            pages.started("topics", topics.made().size() + " made, " + topics.partitions() + " partitions each", begun);
            try (Worker worker = Worker.start(config)) {
                if (!worker.awaitReady(LIMIT)) {
                    throw new CommandException("the worker did not become ready within " + LIMIT.toSeconds() + " s");
                }
                pages.started("worker", "two lanes: chat and heartbeat, each with its own model client", begun);
                new Tour(config, pages, model).run();
                pages.finished(begun);
                if (isTerminal()) {
                    pages.prompt();
                    Noesis.commandLine()
                            .execute("chat", "--agent", "ada", "--bootstrap-servers", broker.bootstrapServers());
                }
            }
            return 0;
        }
    }

    private NoesisConfig config(
            Map<String, String> environment, EmbeddedBroker broker, @Nullable ScriptedModelServer model, Path state) {
        List<String> settings = new ArrayList<>(List.of(
                "bootstrap.servers=" + broker.bootstrapServers(),
                "state.dir=" + state,
                "topics.partitions=4",
                "deployment=demo",
                // beside whatever else runs on the machine
                "http.port=-1",
                "kafka.num.standby.replicas=0"));
        if (model != null) {
            settings.add("llm.base.url=" + model.baseUrl());
        }
        settings.addAll(overrides);
        return ConfigLoader.load(new ConfigSources(null, environment, settings));
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's state in " + directory + " could not be deleted", e);
        }
    }
}
