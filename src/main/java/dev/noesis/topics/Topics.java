package dev.noesis.topics;

/**
 * The topic names of one deployment.
 *
 * @param deployment prefixes every name, with a dot; empty for none
 */
public record Topics(String deployment) {

    public String chatRequests() {
        return name("chat.requests");
    }

    public String chatEvents() {
        return name("chat.events");
    }

    public String chatReplies() {
        return name("chat.replies");
    }

    public String chatDlq() {
        return name("chat.dlq");
    }

    public String heartbeatSchedules() {
        return name("heartbeat.schedules");
    }

    public String heartbeatTicks() {
        return name("heartbeat.ticks");
    }

    public String heartbeatEvents() {
        return name("heartbeat.events");
    }

    public String heartbeatOutcomes() {
        return name("heartbeat.outcomes");
    }

    public String heartbeatDlq() {
        return name("heartbeat.dlq");
    }

    public String agentSignals() {
        return name("agent.signals");
    }

    public String agentAttention() {
        return name("agent.attention");
    }

    public String mindLog() {
        return name("mind.log");
    }

    /** That name with the deployment's prefix. */
    public String name(String bare) {
        return deployment.isEmpty() ? bare : deployment + "." + bare;
    }
}
