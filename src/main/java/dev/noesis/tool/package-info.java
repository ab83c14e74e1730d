/** Tools that a model may call: their registration, their dispatch and the built-in ones. */
@NullMarked
package dev.noesis.tool;

import org.jspecify.annotations.NullMarked;
