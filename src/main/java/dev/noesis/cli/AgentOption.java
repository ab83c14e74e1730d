package dev.noesis.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that says which agent is meant. */
public final class AgentOption {
    private static final Pattern LEGAL = Pattern.compile("[\\p{L}\\p{N}._:@/-]{1,200}");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @SuppressWarnings("NullAway.Init")
    private String agent;

    @Option(
            names = "--agent",
            paramLabel = "AGENT",
            required = true,
            description = "Whose memory it is: 1 to 200 letters, digits and ._:@/-")
    void setAgent(String agent) {
        if (!LEGAL.matcher(agent).matches()) {
            throw new ParameterException(command.commandLine(), "--agent must be 1 to 200 letters, digits and ._:@/-");
        }
        this.agent = agent;
    }

    public String agent() {
        return agent;
    }
}
