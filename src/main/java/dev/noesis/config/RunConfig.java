package dev.noesis.config;

import java.time.Duration;

/**
 * What a run may use, and how it is told.
 *
 * @param maxSteps most model calls of a run; the last is made without tools
 * @param deadline from the request's append time to the end of the run, where the request says nothing
 * @param maxAttempts most attempts of one step before the run fails with {@code model_unavailable}
 * @param contextMaxTokens the newest whole turns of a thread go to the model within this many tokens
 * @param systemPrompt the system prompt's text
 * @param toolTimeout longest time of one tool call
 * @param remember how long a finished run is known, so that a repeated request is recognised; event time
 * @param eventsInterval a stream writes a record to {@code chat.events} at most this often; zero writes each delta
 */
public record RunConfig(
        int maxSteps,
        Duration deadline,
        int maxAttempts,
        int contextMaxTokens,
        String systemPrompt,
        Duration toolTimeout,
        Duration remember,
        Duration eventsInterval) {}
