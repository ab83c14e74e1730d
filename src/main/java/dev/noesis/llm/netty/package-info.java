/**
 * Calls models over HTTP/1.1 on Netty.
 *
 * <p>From the outside in: {@link dev.noesis.llm.netty.NettyLlmClient} owns one set of event loops and one
 * {@code ConnectionPool}; a call is an {@code Exchange}, confined to one event loop at a time; it borrows a
 * {@code Connection}, the last handler of a channel, whose pipeline {@code Connector} assembles: TLS, timers, HTTP codec. What
 * comes in an answer's stream the call itself cuts into events, with an {@code SseParser}.
 */
@NullMarked
package dev.noesis.llm.netty;

import org.jspecify.annotations.NullMarked;
