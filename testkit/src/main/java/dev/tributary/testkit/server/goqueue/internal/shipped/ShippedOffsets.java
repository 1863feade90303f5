package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * How far groups are, as public servers keep it: by themselves, also of topics that are gone or never were, for whichever topic comes by
 * that name. Of these as many as {@link #MOST}, beyond which those that were committed longest ago are forgotten. Thread-safe.
 */
public final class ShippedOffsets extends Offsets {
  private static final int MOST = 100_000;

  private final Map<GroupPartition, Long> offsets = new LinkedHashMap<>();

  public ShippedOffsets(Topics topics, TimeSource time) {
    super(topics, time);
  }

  @Override
  public synchronized CompletableFuture<OptionalLong> committed(GroupPartition place, Deadline deadline) {
    Long next = offsets.get(place);
    return CompletableFuture.completedFuture(next == null ? OptionalLong.empty() : OptionalLong.of(next));
  }

  @Override
  public synchronized CompletableFuture<Void> commit(GroupPartition place, long next, Deadline deadline) {
    offsets.remove(place);
    offsets.put(place, next);
    if (offsets.size() > MOST) {
      offsets.remove(offsets.keySet().iterator().next());
    }
    committed(place.group(), place.topic());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletableFuture<SortedMap<Integer, Long>> of(String group, String topic, Deadline deadline) {
    SortedMap<Integer, Long> found = new TreeMap<>();
    offsets.forEach(
        (place, next) -> {
          if (place.group().equals(group) && place.topic().equals(topic)) {
            found.put(place.partition(), next);
          }
        });
    return CompletableFuture.completedFuture(found);
  }

  @Override
  public void checkDeletion() {}

  @Override
  public synchronized CompletableFuture<Void> delete(String group, Set<String> inTopics, Deadline deadline) {
    offsets.keySet().removeIf(place -> place.group().equals(group));
    return super.delete(group, Set.of(), deadline);
  }
}
