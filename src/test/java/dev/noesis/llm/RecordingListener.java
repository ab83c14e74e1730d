package dev.noesis.llm;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Writes down all that it hears, in order; what it should not hear fails {@link #outcome()}. */
public class RecordingListener implements LlmListener {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final List<RateLimits> limits = new CopyOnWriteArrayList<>();
    private final CompletableFuture<LlmOutcome> end = new CompletableFuture<>();

    @Override
    public void onRateLimits(RateLimits announced) {
        limits.add(announced);
        if (end.isDone() || !heard.isEmpty()) {
            faults.add("not to be heard: " + announced);
        }
    }

    @Override
    public void onText(String delta) {
        hear("text:" + delta, !delta.isEmpty());
    }

    @Override
    public void onReasoning(String delta) {
        hear("reasoning:" + delta, !delta.isEmpty());
    }

    @Override
    public void onToolStart(int index, String id, String name) {
        hear("tool " + index + ":" + id + ":" + name, true);
    }

    @Override
    public void onToolArguments(int index, String delta) {
        hear("arguments " + index + ":" + delta, !delta.isEmpty());
    }

    @Override
    public void onToolEnd(int index) {
        hear("end " + index, true);
    }

    @Override
    public void onEnd(LlmOutcome outcome) {
        if (!end.complete(outcome)) {
            faults.add("a second end: " + outcome);
        }
    }

    private void hear(String what, boolean allowed) {
        if (!allowed || end.isDone()) {
            faults.add("not to be heard: " + what);
        }
        heard.add(what);
    }

    /** The rate limits that were announced. */
    public List<RateLimits> limits() {
        return limits;
    }

    public List<String> heard() {
        return heard;
    }

    /** The text heard, joined. */
    public String text() {
        StringBuilder text = new StringBuilder();
        heard.stream().filter(h -> h.startsWith("text:")).forEach(h -> text.append(h.substring("text:".length())));
        return text.toString();
    }

    public boolean ended() {
        return end.isDone();
    }

    /** What was heard although it should not have been. */
    public List<String> faults() {
        return faults;
    }

    /** Waits for the end, at most 20 s. */
    public LlmOutcome outcome() {
        try {
            LlmOutcome outcome = end.get(20, TimeUnit.SECONDS);
            if (!faults.isEmpty()) {
                throw new AssertionError(faults.toString());
            }
            return outcome;
        } catch (TimeoutException e) {
            throw new AssertionError("the call did not end; heard " + heard, e);
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for the failure that the call ends in. */
    public LlmFailure failure() {
        LlmOutcome outcome = outcome();
        if (outcome instanceof LlmOutcome.Failed(LlmFailure failure, var usage, var partial)) {
            return failure;
        }
        throw new AssertionError("not failed, but " + outcome);
    }

    /** Waits for the answer that the call ends in. */
    public LlmOutcome.Completed completed() {
        LlmOutcome outcome = outcome();
        if (outcome instanceof LlmOutcome.Completed completed) {
            return completed;
        }
        throw new AssertionError("not completed, but " + outcome);
    }
}
