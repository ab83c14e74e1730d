/**
 * The command {@code noesis}: one class for each command, and the clients they use, which talk to a deployment through its
 * topics as any other client does.
 */
@NullMarked
package dev.noesis.cli;

import org.jspecify.annotations.NullMarked;
