/** Handles of queues: leases, settlements, renewal, workers. */
@NullMarked
package dev.tributary.internal.queue;

import org.jspecify.annotations.NullMarked;
