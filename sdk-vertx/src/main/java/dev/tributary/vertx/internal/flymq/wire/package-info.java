/** FlyMQ's binary protocol, for whoever speaks either side of it: frames, the table of operations, and a record for everything that travels. */
@NullMarked
package dev.tributary.vertx.internal.flymq.wire;

import org.jspecify.annotations.NullMarked;
