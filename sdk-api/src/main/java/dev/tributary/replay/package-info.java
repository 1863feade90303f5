/** Server-side replays of streams. */
@NullMarked
package dev.tributary.replay;

import org.jspecify.annotations.NullMarked;
