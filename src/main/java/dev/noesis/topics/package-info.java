/** Every topic: its name, keying, retention and settings; how topics are made, and how they are checked before a lane starts. */
@NullMarked
package dev.noesis.topics;

import org.jspecify.annotations.NullMarked;
