/**
 * What a heartbeat looks after: each check looks at one thing of an agent and says what it found. A check that a user writes
 * implements {@link dev.noesis.heartbeat.checks.Check} and is named in configuration.
 */
@NullMarked
package dev.noesis.heartbeat.checks;

import org.jspecify.annotations.NullMarked;
