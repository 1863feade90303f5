package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.filter.EventFilter;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream source is to read.
 *
 * <p>A start is resolved once in each partition and kept. In a group it is kept for the group: whoever takes a partition over begins where it
 * was resolved to, if nothing was committed since.
 *
 * @param stream which stream
 * @param group whose committed offsets count and whose members share partitions, or null
 * @param partitions these only; empty for all, or for those the group assigns
 * @param start where to begin
 * @param reset what to do when a position that was delivered or committed is not there any more: it lies before the first message that is
 *     kept, or beyond the end
 * @param prefetch how many items the client will hold: a hint for windows and page sizes
 * @param filter which messages are wanted, with {@code EVENT_FILTER}; null for all
 */
public record SubscribeSpec(
    ResourceName stream,
    @Nullable String group,
    Set<Integer> partitions,
    StartAt start,
    OffsetReset reset,
    int prefetch,
    @Nullable EventFilter filter) {
  /** One that wants all messages. */
  public SubscribeSpec(ResourceName stream, @Nullable String group, Set<Integer> partitions, StartAt start, OffsetReset reset, int prefetch) {
    this(stream, group, partitions, start, reset, prefetch, null);
  }

  /** One that fails where a position is not there any more. */
  public SubscribeSpec(ResourceName stream, @Nullable String group, Set<Integer> partitions, StartAt start, int prefetch) {
    this(stream, group, partitions, start, OffsetReset.FAIL, prefetch);
  }
}
