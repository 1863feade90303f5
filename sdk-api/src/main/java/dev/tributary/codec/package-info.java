/** From user values to bytes and back. */
@NullMarked
package dev.tributary.codec;

import org.jspecify.annotations.NullMarked;
