/** GoQueue: topics over HTTP, read as streams and as queues. */
@NullMarked
package dev.tributary.vertx.internal.goqueue;

import org.jspecify.annotations.NullMarked;
