/** Values and headers as one, for wires that carry values alone: one form for all of them. Not exported to users. */
@NullMarked
package dev.tributary.vertx.internal.envelope;

import org.jspecify.annotations.NullMarked;
