/** What became of messages, as far as the server wrote it down. */
@NullMarked
package dev.tributary.trace;

import org.jspecify.annotations.NullMarked;
