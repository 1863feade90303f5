/** Jobs, workers, dead letters and their options. */
@NullMarked
package dev.tributary.queue;

import org.jspecify.annotations.NullMarked;
