/** The client for verticles: {@code Future} and {@code ReadStream}, on the caller's context. */
@NullMarked
package dev.tributary.vertx;

import org.jspecify.annotations.NullMarked;
