/**
 * The chat lane: what its requests mean, which run may begin when, and what is answered.
 *
 * <p>{@link dev.noesis.chat.ChatTopology} shows the whole of it, top to bottom.
 */
@NullMarked
package dev.noesis.chat;

import org.jspecify.annotations.NullMarked;
