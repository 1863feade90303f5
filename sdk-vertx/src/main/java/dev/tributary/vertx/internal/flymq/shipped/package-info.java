/** What only the public server's faults need. Not exported. */
@NullMarked
package dev.tributary.vertx.internal.flymq.shipped;

import org.jspecify.annotations.NullMarked;
