/**
 * Our model client against those that a user would otherwise pick; {@code mvn -Pbench -Dbench=llm}.
 *
 * <p>{@code LlmBench} starts one {@code StreamServer} and, for each client, one {@code ClientProcess}, and gives them the
 * workloads in turn, round by round, so that what changes on the machine meanwhile meets them all.
 */
@NullMarked
package dev.noesis.bench.llm;

import org.jspecify.annotations.NullMarked;
