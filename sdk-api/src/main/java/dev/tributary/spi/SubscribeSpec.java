package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.stream.StartAt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream source is to read.
 *
 * @param stream which stream
 * @param group whose committed offsets count and whose members share partitions, or null
 * @param partitions these only; empty for all, or for those the group assigns
 * @param start where to begin
 * @param prefetch how many items the client will hold: a hint for windows and page sizes
 */
public record SubscribeSpec(ResourceName stream, @Nullable String group, Set<Integer> partitions, StartAt start, int prefetch) {}
