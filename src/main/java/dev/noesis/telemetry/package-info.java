/** Every metric's name and meaning. */
@NullMarked
package dev.noesis.telemetry;

import org.jspecify.annotations.NullMarked;
