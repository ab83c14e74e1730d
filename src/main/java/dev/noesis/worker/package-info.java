/** The life of a worker: which lanes it runs, what each of them owns, and in which order all of it is started and closed. */
@NullMarked
package dev.noesis.worker;

import org.jspecify.annotations.NullMarked;
