/** The whole path, on a broker: clients, topics, lanes, models over HTTP, and a checker that reads the topics alone. */
@NullMarked
package dev.noesis.it;

import org.jspecify.annotations.NullMarked;
