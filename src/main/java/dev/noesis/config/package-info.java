/**
 * Configuration: validated records, and one table of keys from which they are built and the reference page is written.
 */
@NullMarked
package dev.noesis.config;

import org.jspecify.annotations.NullMarked;
