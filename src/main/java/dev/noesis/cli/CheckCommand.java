package dev.noesis.cli;

import dev.noesis.check.Checker;
import dev.noesis.check.History;
import dev.noesis.check.KafkaHistory;
import dev.noesis.check.Rule;
import dev.noesis.check.Violation;
import dev.noesis.config.NoesisConfig;
import dev.noesis.serde.Json;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code noesis check}: holds everything on the topics against what is promised. */
@Command(
        name = "check",
        description = {
            "Read the deployment's topics and prove from them alone that what is promised was kept.",
            "Exit code 0 if no promise was broken, 1 if one was or the topics could not be read."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = "--drained",
            description = "The deployment has had the time to answer everything: what is still open is a violation.")
    private boolean drained;

    @Option(
            names = "--outages",
            description = "Brokers were away at times: streams may have gaps where no worker died.")
    private boolean outages;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        NoesisConfig config = connection.load();
        History history =
                KafkaHistory.read(config.kafka(), new Topics(config.deployment()), connection.brokerLimit());
        Checker.Report report = Checker.check(history, drained ? Checker.Asked.DRAINED : Checker.Asked.AT_WORK);
        List<Violation> violations = report.violations().stream()
                .filter(violation -> !outages
                        || (violation.rule() != Rule.STREAM_NUMBERS && violation.rule() != Rule.STREAM_TEXT))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(report, violations));
        } else {
            violations.forEach(out::println);
            out.printf("%,d violations, %,d open%n", violations.size(), report.open().size());
        }
        out.flush();
        return violations.isEmpty() ? 0 : 1;
    }

    private static ObjectNode json(Checker.Report report, List<Violation> violations) {
        ObjectNode json = Json.object();
        json.put("holds", violations.isEmpty());
        json.putPOJO("endings", report.endings());
        json.put("open", report.open().size());
        var shown = json.putArray("violations");
        violations.forEach(violation -> shown
                .addObject()
                .put("rule", violation.rule().name())
                .put("what", violation.what()));
        return json;
    }
}
