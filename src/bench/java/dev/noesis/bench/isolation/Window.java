package dev.noesis.bench.isolation;

import dev.noesis.bench.fleet.ChatLoad;
import dev.noesis.bench.fleet.ChatLoad.Answer;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What was measured in one window. Times in milliseconds; NaN where there was nothing to measure.
 *
 * @param completed chat runs that were answered with success in it
 * @param failed chat runs that were answered otherwise, or not at all, from when the load began to when it was drained
 * @param firstP50 from a request to its run's first word, of the requests that were sent in the window
 * @param replyP50 from a request to its reply, of the same, whatever it said
 * @param acquireTimeouts calls that got no connection of the client that chat uses
 * @param heartbeatCalls of the heartbeat that ended; NaN where its process was struck
 * @param heartbeatInFlight of the heartbeat when the window ended; NaN likewise
 */
record Window(
        Arrangement arrangement,
        Trouble trouble,
        int round,
        double seconds,
        long completed,
        long failed,
        double firstP50,
        double firstP99,
        double replyP50,
        double replyP99,
        double acquireTimeouts,
        double heartbeatCalls,
        double heartbeatInFlight) {

    /**
     * When it was.
     *
     * @param from {@link System#nanoTime()}
     * @param to {@link System#nanoTime()}; not in it
     */
    record Span(long from, long to) {
        boolean has(long at) {
            return at - from >= 0 && at - to < 0;
        }

        double seconds() {
            return (to - from) / 1e9;
        }
    }

    /**
     * @param answers of the load, all of them
     * @param unanswered runs
     */
    static Window of(
            Workers workers,
            Trouble trouble,
            int round,
            Span span,
            List<Answer> answers,
            long unanswered,
            Workers.Counts counted) {
        List<Answer> asked =
                answers.stream().filter(answer -> span.has(answer.sentAt())).toList();
        double[] firsts = asked.stream()
                .filter(answer -> answer.firstWordNanos() >= 0)
                .mapToDouble(answer -> answer.firstWordNanos() / 1e6)
                .toArray();
        double[] replies =
                asked.stream().mapToDouble(answer -> answer.waitedNanos() / 1e6).toArray();
        return new Window(
                workers.arrangement(),
                trouble,
                round,
                span.seconds(),
                answers.stream()
                        .filter(answer -> answer.isSuccess() && span.has(answer.at()))
                        .count(),
                answers.stream().filter(answer -> !answer.isSuccess()).count() + unanswered,
                ChatLoad.quantile(firsts, 0.5),
                ChatLoad.quantile(firsts, 0.99),
                ChatLoad.quantile(replies, 0.5),
                ChatLoad.quantile(replies, 0.99),
                counted.acquireTimeouts(),
                counted.heartbeatCalls(),
                counted.heartbeatInFlight());
    }

    double perSecond() {
        return completed / seconds;
    }

    void put(ObjectNode json) {
        json.put("client", arrangement.id())
                .put("heartbeat", trouble.id())
                .put("round", round)
                .put("seconds", seconds)
                .put("completed", completed)
                .put("failed", failed)
                .put("firstTokenP50Ms", firstP50)
                .put("firstTokenP99Ms", firstP99)
                .put("replyP50Ms", replyP50)
                .put("replyP99Ms", replyP99)
                .put("acquireTimeouts", acquireTimeouts)
                .put("heartbeatCalls", heartbeatCalls)
                .put("heartbeatInFlight", heartbeatInFlight);
    }
}
