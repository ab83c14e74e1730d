package dev.noesis.check;

import dev.noesis.model.Lane;
import java.util.List;
import java.util.Map;

/**
 * What was read, what was proven by it, and what was not.
 *
 * @param violations as many as are shown; empty where every promise was kept
 * @param violationCount of all
 * @param open what is accepted and not answered yet, as many as are shown; empty where the deployment has drained
 * @param openCount of all
 * @param unproven what cannot be proven, and why, a sentence each
 * @param records how many were read of each topic, in the order of reading
 * @param endings how many runs of each lane ended in each way: {@code success}, {@code cancelled}, an error's code, or
 *     {@code open}; refusals are no runs
 * @param refusals how many requests were refused, by code
 * @param outcomes how many outcomes of ticks there were, by status
 * @param calls of models
 * @param checkpoints by lane
 * @param comparisons how many times both lanes had a checkpoint at the same offset
 * @param tenures how many tasks began to own a partition, in both lanes
 * @param deaths how many of them ended without handing over
 * @param poison how many records of the log were no events, and were passed over
 * @param deadLetters how many inputs could not be answered
 * @param republished how many inputs stood in another partition than their key's
 * @param gaps how many streams lack events, and were allowed to
 */
public record Report(
        List<Violation> violations,
        long violationCount,
        List<Violation> open,
        long openCount,
        List<String> unproven,
        Map<String, Long> records,
        Map<Lane, Map<String, Integer>> endings,
        Map<String, Integer> refusals,
        Map<String, Integer> outcomes,
        Calls calls,
        Map<Lane, Checked> checkpoints,
        int comparisons,
        int tenures,
        int deaths,
        long poison,
        long deadLetters,
        long republished,
        long gaps) {

    /**
     * The checkpoints of a lane.
     *
     * @param held how many are what the log folds to
     * @param otherBuild how many were made by a build whose fold means something else: of these the log's hash was compared
     * @param tooOld how many are of an offset so far back that the fold's hashes there were forgotten
     */
    public record Checked(int held, int otherBuild, int tooOld) {}

    /**
     * The model calls that were heard of.
     *
     * @param perRun how many runs took how many calls
     * @param winners answers that counted
     * @param paidTwice answers that came when their step had one, or their run had ended
     * @param tokensPaidTwice what those were charged
     * @param failed calls that ended without an answer
     * @param abandoned calls that streamed something and told the log nothing: their task died, or their run was over
     */
    public record Calls(
            Map<Integer, Integer> perRun,
            long winners,
            long paidTwice,
            long tokensPaidTwice,
            long failed,
            long abandoned) {}

    public boolean holds() {
        return violationCount == 0;
    }

    /** How the chat lane's runs ended. */
    public Map<String, Integer> chatEndings() {
        return endings.getOrDefault(Lane.CHAT, Map.of());
    }
}
