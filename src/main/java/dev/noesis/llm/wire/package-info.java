/**
 * What providers have in common on the wire: the seam between a format and who carries its bytes, and what each format would
 * else have to write for itself.
 *
 * <p>A {@link dev.noesis.llm.wire.WireFormat} is pure: bytes in, bytes out. Adding a provider means one more of them.
 */
@NullMarked
package dev.noesis.llm.wire;

import org.jspecify.annotations.NullMarked;
