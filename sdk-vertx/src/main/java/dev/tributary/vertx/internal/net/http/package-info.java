/** HTTP/1.1 calls, one at a time on each connection of a lane. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.net.http;

import org.jspecify.annotations.NullMarked;
