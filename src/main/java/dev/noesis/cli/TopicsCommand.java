package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.topics.TopicAdmin;
import dev.noesis.topics.Topics;
import java.io.PrintWriter;
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

    /** What both do: ask the brokers about the topics of the deployment. */
    abstract static class OnTopics implements Runnable {
        @Mixin
        private final ConnectionOptions connection = new ConnectionOptions();

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public void run() {
            NoesisConfig config = connection.load();
            var out = spec.commandLine().getOut();
            run(config, new Topics(config.deployment()), new TopicAdmin(config.kafka(), connection.brokerLimit()), out);
            out.flush();
        }

        abstract void run(NoesisConfig config, Topics topics, TopicAdmin admin, PrintWriter out);
    }

    /** {@code noesis topics create}. */
    @Command(
            name = "create",
            description = "Make the topics that are not there. Those that are stay as they are.",
            mixinStandardHelpOptions = true,
            versionProvider = VersionProvider.class)
    static final class Create extends OnTopics {
        @Override
        void run(NoesisConfig config, Topics topics, TopicAdmin admin, PrintWriter out) {
            TopicAdmin.Creation creation =
                    admin.create(topics.specs(), config.partitions(), config.replicationFactor());
            creation.made().forEach(name -> out.println("made    " + name));
            creation.existed().forEach(name -> out.println("exists  " + name));
            out.printf(
                    "%d made, %d existed; %d partitions each%n",
                    creation.made().size(), creation.existed().size(), creation.partitions());
            out.flush();
            admin.check(topics).orThrow().notes().forEach(note -> out.println("note    " + note));
        }
    }

    /** {@code noesis topics check}. */
    @Command(
            name = "check",
            description = "Say what is wrong with the topics, if anything is.",
            mixinStandardHelpOptions = true,
            versionProvider = VersionProvider.class)
    static final class Check extends OnTopics {
        @Override
        void run(NoesisConfig config, Topics topics, TopicAdmin admin, PrintWriter out) {
            TopicAdmin.Report report = admin.check(topics).orThrow();
            report.notes().forEach(note -> out.println("note    " + note));
            out.println("all " + topics.specs().size() + " topics are as they should be");
        }
    }
}
