/**
 * What makes the system run with nothing else installed: a Kafka broker of one node inside the process, and a model
 * server that speaks a provider's HTTP interface from a script.
 *
 * <p>Both are for demonstrations, tests and load generation; neither is part of a deployment. They know nothing of
 * lanes, runs or memory: whoever talks to them does so over TCP, as with the real ones. This is the only package that
 * may import the broker's classes.
 */
@NullMarked
package dev.noesis.demo;

import org.jspecify.annotations.NullMarked;
