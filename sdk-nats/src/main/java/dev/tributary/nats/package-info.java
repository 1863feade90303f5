/** The driver for NATS JetStream. Not exported. */
@NullMarked
package dev.tributary.nats;

import org.jspecify.annotations.NullMarked;
