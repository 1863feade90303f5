/** Streams over the SPI: checks, codecs, batching, subscriptions, consumers. */
@NullMarked
package dev.tributary.internal.stream;

import org.jspecify.annotations.NullMarked;
