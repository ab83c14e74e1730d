/**
 * The port to language models: what a call is asked, what it streams, how it can end, and when it is worth trying again.
 *
 * <p>Pure: no sockets here. {@link dev.noesis.llm.netty} carries it over HTTP, in a {@link dev.noesis.llm.wire.WireFormat}:
 * {@link dev.noesis.llm.anthropic} and {@link dev.noesis.llm.openai} are one each.
 */
@NullMarked
package dev.noesis.llm;

import org.jspecify.annotations.NullMarked;
