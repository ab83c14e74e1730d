package dev.noesis.cli;

import org.apache.kafka.common.utils.AppInfoParser;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the jar's version where there is a jar, and what it runs on. */
final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Noesis.class.getPackage().getImplementationVersion();
        return new String[] {
            "noesis " + (version == null ? "(not packaged)" : version),
            "Kafka " + AppInfoParser.getVersion() + ", Java " + Runtime.version()
        };
    }
}
