/** The handles over the SPI. Not exported. */
@NullMarked
package dev.tributary.internal;

import org.jspecify.annotations.NullMarked;
