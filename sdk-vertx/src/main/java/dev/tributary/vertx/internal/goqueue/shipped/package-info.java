/** What only the public server's faults need. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.goqueue.shipped;

import org.jspecify.annotations.NullMarked;
