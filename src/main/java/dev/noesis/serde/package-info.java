/** How records become bytes and bytes records: one JSON mapper for the whole system. */
@NullMarked
package dev.noesis.serde;

import org.jspecify.annotations.NullMarked;
