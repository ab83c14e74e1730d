/**
 * The words of the system: what travels on the topics and what stands in the log, as records and sealed unions.
 *
 * <p>Nothing here does I/O or knows Kafka. Every type is immutable and safe to share between threads.
 */
@NullMarked
package dev.noesis.model;

import org.jspecify.annotations.NullMarked;
