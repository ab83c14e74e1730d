package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.TopicException;
import dev.noesis.topics.TopicProblem;
import dev.noesis.topics.TopicSpec;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code noesis topics}: makes a deployment's topics, and checks them. */
@Command(
        name = "topics",
        description = "Make the deployment's topics, or check them.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TopicsCommand.Create.class, TopicsCommand.Check.class})
final class TopicsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    /** {@code noesis topics create}. */
    @Command(
            name = "create",
            description = "Make the topics that are not there. Those that are stay as they are.",
            mixinStandardHelpOptions = true,
            versionProvider = VersionProvider.class)
    static final class Create implements Runnable {
        @Mixin
        private final ConnectionOptions connection = new ConnectionOptions();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public void run() {
            NoesisConfig config = connection.load();
            List<TopicSpec> specs = new Topics(config.deployment()).specs();
            var admin = new TopicAdmin(config.kafka(), connection.brokerLimit());
            TopicAdmin.Creation creation = admin.create(specs, config.partitions(), config.replicationFactor());
            PrintWriter out = spec.commandLine().getOut();
            creation.made().forEach(name -> out.println("made    " + name));
            creation.existed().forEach(name -> out.println("exists  " + name));
            out.printf(
                    "%d made, %d existed; %d partitions each%n",
                    creation.made().size(), creation.existed().size(), creation.partitions());
            out.flush();
            stopOn(admin.check(specs));
        }
    }

    /** {@code noesis topics check}. */
    @Command(
            name = "check",
            description = "Say what is wrong with the topics, if anything is.",
            mixinStandardHelpOptions = true,
            versionProvider = VersionProvider.class)
    static final class Check implements Runnable {
        @Mixin
        private final ConnectionOptions connection = new ConnectionOptions();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public void run() {
            NoesisConfig config = connection.load();
            List<TopicSpec> specs = new Topics(config.deployment()).specs();
            stopOn(new TopicAdmin(config.kafka(), connection.brokerLimit()).check(specs));
            spec.commandLine().getOut().println("all " + specs.size() + " topics are as they should be");
            spec.commandLine().getOut().flush();
        }
    }

    private static void stopOn(List<TopicProblem> problems) {
        if (!problems.isEmpty()) {
            throw new TopicException(problems);
        }
    }
}
