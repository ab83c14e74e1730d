package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code noesis heartbeat outcomes}: what came of an agent's ticks. */
@Command(
        name = "outcomes",
        description = {
            "Print what came of the agent's ticks, newest last: time, status, reason, tokens, when the next is due,",
            "and the findings with what was decided."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class HeartbeatOutcomesCommand implements Runnable {
    private static final Duration POLL = Duration.ofMillis(500);

    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private final AgentOption who = new AgentOption();

    @Option(
            names = "--last",
            defaultValue = "10",
            paramLabel = "N",
            description = "How many of those that are there to print, 0 or more (default: ${DEFAULT-VALUE}).")
    private int last = 10;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is appended, until interrupted.")
    private boolean follow;

    @Option(names = "--json", description = "Print each record as it is.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        if (last < 0) {
            throw new ParameterException(spec.commandLine(), "--last is 0 or more");
        }
        NoesisConfig config = connection.load();
        String topic = new Topics(config.deployment()).heartbeatOutcomes();
        int partitions = new TopicAdmin(config.kafka(), connection.brokerLimit()).partitions(List.of(topic));
        PrintWriter out = spec.commandLine().getOut();
        ZoneId zone = ZoneId.systemDefault();
        try (var outcomes = AgentReader.fromBeginning(
                config.kafka(), topic, who.agent(), partitions, IsolationLevel.READ_COMMITTED)) {
            newest(outcomes).forEach(record -> print(record, zone, out));
            out.flush();
            while (follow) {
                outcomes.poll(POLL).forEach(record -> print(record, zone, out));
                out.flush();
            }
        }
    }

    private Deque<ConsumerRecord<String, byte[]>> newest(AgentReader outcomes) {
        Deque<ConsumerRecord<String, byte[]>> newest = new ArrayDeque<>();
        long end = outcomes.end();
        while (!outcomes.hasRead(end)) {
            for (var record : outcomes.poll(POLL)) {
                newest.addLast(record);
                if (newest.size() > last) {
                    newest.removeFirst();
                }
            }
        }
        return newest;
    }

    private void print(ConsumerRecord<String, byte[]> record, ZoneId zone, PrintWriter out) {
        if (json && record.value() != null) {
            out.println(new String(record.value(), StandardCharsets.UTF_8));
        } else {
            OutcomeLines.of(record.timestamp(), record.value(), zone).forEach(out::println);
        }
    }
}
