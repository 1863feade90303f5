/** Disheap: priority queues over gRPC, with jobs that come for credits. */
@NullMarked
package dev.tributary.vertx.internal.disheap;

import org.jspecify.annotations.NullMarked;
