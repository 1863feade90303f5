/** FlyMQ: topics over pipelined TCP, read as streams. */
@NullMarked
package dev.tributary.vertx.internal.flymq;

import org.jspecify.annotations.NullMarked;
