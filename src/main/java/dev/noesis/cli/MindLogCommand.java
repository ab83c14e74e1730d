package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.apache.kafka.common.IsolationLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis mind log}: prints what happened to an agent, in its order. */
@Command(
        name = "log",
        description = "Print everything that happened to an agent, in its order: offset, time, type, lane, run, gist.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class MindLogCommand implements Runnable {
    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(names = "--json", description = "Print each event as it is.")
    private boolean json;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is appended, until interrupted.")
    private boolean follow;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        NoesisConfig config = connection.load();
        String topic = new Topics(config.deployment()).mindLog();
        int partitions = new TopicAdmin(config.kafka(), connection.brokerLimit()).partitions(List.of(topic));
        PrintWriter out = spec.commandLine().getOut();
        ZoneId zone = ZoneId.systemDefault();
        try (var log = AgentReader.fromBeginning(
                config.kafka(), topic, who.agent(), partitions, IsolationLevel.READ_UNCOMMITTED)) {
            long end = log.end();
            while (follow || !log.hasRead(end)) {
                for (var record : log.poll(POLL)) {
                    out.println(
                            json && record.value() != null
                                    ? new String(record.value(), StandardCharsets.UTF_8)
                                    : MindLine.of(record.offset(), record.timestamp(), record.value(), zone));
                }
                out.flush();
            }
        }
    }
}
