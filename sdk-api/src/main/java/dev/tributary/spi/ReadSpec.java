package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.filter.EventFilter;
import org.jspecify.annotations.Nullable;

/**
 * What is to be read of a partition.
 *
 * @param stream which stream
 * @param partition which partition
 * @param offset from here on
 * @param max most messages, at least 1
 * @param maxBytes most bytes of values, keys and headers together; the first message may have more
 * @param filter which messages are wanted, with {@code EVENT_FILTER}; null for all
 */
public record ReadSpec(ResourceName stream, int partition, long offset, int max, long maxBytes, @Nullable EventFilter filter) {
  /** One that wants all messages. */
  public ReadSpec(ResourceName stream, int partition, long offset, int max, long maxBytes) {
    this(stream, partition, offset, max, maxBytes, null);
  }
}
