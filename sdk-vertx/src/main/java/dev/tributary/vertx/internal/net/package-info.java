/** What all drivers share. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.net;

import org.jspecify.annotations.NullMarked;
