/** The whole SPI in memory, with exact semantics, on injected time. */
@NullMarked
package dev.tributary.engine;

import org.jspecify.annotations.NullMarked;
