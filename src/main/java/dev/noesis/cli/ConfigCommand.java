package dev.noesis.cli;

import dev.noesis.config.ConfigReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code noesis config}: prints the reference of all keys. */
@Command(
        name = "config",
        description = "Print the reference of all configuration keys, in Markdown.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class ConfigCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().print(ConfigReference.render());
        spec.commandLine().getOut().flush();
    }
}
