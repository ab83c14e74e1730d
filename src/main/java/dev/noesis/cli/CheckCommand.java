package dev.noesis.cli;

import dev.noesis.check.Checker;
import dev.noesis.check.Circumstances;
import dev.noesis.check.KafkaHistory;
import dev.noesis.check.Report;
import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code noesis check}: holds everything on the topics against what is promised. */
@Command(
        name = "check",
        description = {
            "Read all of the deployment's topics and say whether what is promised was kept: nothing lost, nothing",
            "answered twice, the order of threads, both lanes' memory, streams, ticks, dead letters.",
            "It asks no worker and changes nothing. A deployment at work may be checked; what is not answered yet",
            "is told as open.",
            "The exit code is 0 if every promise was kept, 1 if one was not or the topics cannot be read."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = "--drained",
            description = "The deployment has had the time to answer everything: what is open is a violation.")
    private boolean drained;

    @Option(
            names = "--outages",
            description = "Brokers or connections failed at times: streams may lack events where no worker died.")
    private boolean outages;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        NoesisConfig config = connection.load();
        Topics topics = new Topics(config.deployment());
        long start = System.nanoTime();
        Report report;
        int partitions;
        try (KafkaHistory history = KafkaHistory.open(config.kafka(), topics, connection.brokerLimit())) {
            partitions = history.partitions();
            report = Checker.check(history, new Circumstances(drained, outages));
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(CheckReport.json(report, partitions, took));
        } else {
            new CheckReport(out).print(report, partitions, took);
        }
        out.flush();
        return report.holds() ? 0 : 1;
    }
}
