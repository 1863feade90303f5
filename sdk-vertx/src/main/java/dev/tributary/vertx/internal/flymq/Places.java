package dev.tributary.vertx.internal.flymq;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.source.PagedSource.Starts;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Finds the offsets that places of a topic are now. */
final class Places {
  private final Topics topics;
  private final Groups groups;
  private final SubscribeSpec spec;
  private final String topic;
  private final @Nullable String group;

  /** {@code group} is its name on the wire; null for none, whose commits nobody can mean. */
  Places(Topics topics, Groups groups, SubscribeSpec spec, String topic, @Nullable String group) {
    this.topics = topics;
    this.groups = groups;
    this.spec = spec;
    this.topic = topic;
    this.group = group;
  }

  /**
   * Where to begin. What the group committed must still be there; a group that never committed keeps an end that was found, so that whoever begins
   * after this does so there.
   */
  CompletableFuture<Starts> begin(Set<Integer> partitions, Deadline deadline) {
    StartAt start = spec.start();
    if (start instanceof StartAt.Offset exact) {
      Map<Integer, Long> offsets = new HashMap<>();
      partitions.forEach(partition -> offsets.put(partition, exact.offset()));
      return CompletableFuture.completedFuture(new Starts(offsets, partitions));
    }
    CompletableFuture<Map<Integer, Long>> committed =
        group == null && !start.ofGroup() ? CompletableFuture.completedFuture(Map.of()) : committed(partitions, deadline);
    return Steps.then(
        topics.ends(topic, partitions, deadline),
        ends ->
            Steps.then(
                committed,
                known -> {
                  Map<Integer, Long> offsets = new HashMap<>();
                  Map<Integer, Long> kept = new HashMap<>();
                  ends.forEach(
                      (partition, there) -> {
                        Long next = known.get(partition);
                        long offset = start.ofGroup() && next != null ? still(partition, next, there) : offset(start, null, there);
                        offsets.put(partition, offset);
                        if (next == null && (start == StartAt.latest() || start == StartAt.committedElseLatest())) {
                          kept.put(partition, offset);
                        }
                      });
                  return keep(new Starts(offsets, Set.of()), kept, deadline);
                }));
  }

  private long still(int partition, long next, Ends ends) {
    // Where nothing is that cannot be said: all may be too old.
    return ends.next() == 0 || ends.has(next) ? next : ends.instead(spec.reset(), "partition " + partition + " of " + topic, next);
  }

  private CompletableFuture<Starts> keep(Starts found, Map<Integer, Long> kept, Deadline deadline) {
    return group == null || kept.isEmpty()
        ? CompletableFuture.completedFuture(found)
        : Steps.map(groups.commit(topic, group, kept, deadline), stored -> found);
  }

  /** The offsets of these places. */
  CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> places, Deadline deadline) {
    Set<Integer> partitions = Set.copyOf(places.keySet());
    boolean ofGroup = places.values().stream().anyMatch(StartAt::ofGroup);
    return Steps.then(
        topics.ends(topic, partitions, deadline),
        ends ->
            Steps.map(
                ofGroup ? committed(partitions, deadline) : CompletableFuture.completedFuture(Map.<Integer, Long>of()),
                committed -> {
                  Map<Integer, Long> offsets = new HashMap<>();
                  ends.forEach(
                      (partition, there) -> {
                        StartAt place = places.get(partition);
                        if (place != null) {
                          offsets.put(partition, offset(place, committed.get(partition), there));
                        }
                      });
                  return offsets;
                }));
  }

  private CompletableFuture<Map<Integer, Long>> committed(Set<Integer> partitions, Deadline deadline) {
    if (group == null) {
      throw InvalidRequestException.of("no group whose commit could be the start", "Give a group, or start elsewhere");
    }
    return groups.committed(topic, group, partitions, deadline);
  }

  private static long offset(StartAt place, @Nullable Long committed, Ends ends) {
    if (place instanceof StartAt.Offset exact) {
      return exact.offset();
    }
    if (place instanceof StartAt.Time) {
      throw new UnsupportedFeatureException(ErrorInfo.of("FlyMQ cannot start at a time", "Its records have none: start at an offset"));
    }
    return switch ((StartAt.Fixed) place) {
      case EARLIEST -> ends.earliest();
      case LATEST -> ends.next();
      case COMMITTED -> committed == null ? ends.earliest() : committed;
      case COMMITTED_ELSE_LATEST -> committed == null ? ends.next() : committed;
    };
  }
}
