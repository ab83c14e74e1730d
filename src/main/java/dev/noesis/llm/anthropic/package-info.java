/**
 * The wire format of the Anthropic Messages API: how a request is written, how a stream of events is read, what an error
 * means.
 *
 * <p>Pure: bytes in, bytes out. Who carries them is none of its business.
 */
@NullMarked
package dev.noesis.llm.anthropic;

import org.jspecify.annotations.NullMarked;
