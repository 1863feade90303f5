/** What a backend implements: bytes in and out, no codecs, no retries, no threads of its own. */
@NullMarked
package dev.tributary.spi;

import org.jspecify.annotations.NullMarked;
