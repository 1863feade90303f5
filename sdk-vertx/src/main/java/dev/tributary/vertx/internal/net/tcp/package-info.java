/** Requests that are answered in their order, pipelined on TCP connections; what they mean is the driver's. */
@NullMarked
package dev.tributary.vertx.internal.net.tcp;

import org.jspecify.annotations.NullMarked;
