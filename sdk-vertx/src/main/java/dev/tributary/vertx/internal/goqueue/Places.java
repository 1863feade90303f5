package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.net.Steps;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the offsets that places of a topic are now. The server knows no times, so those are searched for. Thread-safe. */
final class Places {
  private final Topics topics;
  private final Groups groups;
  private final Reading reading;

  Places(Topics topics, Groups groups, Reading reading) {
    this.topics = topics;
    this.groups = groups;
    this.reading = reading;
  }

  /**
   * The offset of a place in each of these partitions.
   *
   * @param group whose commits count, by its name on the wire; null for none
   */
  CompletableFuture<Map<Integer, Long>> find(String topic, @Nullable String group, Map<Integer, StartAt> places, Deadline deadline) {
    return Steps.then(
        topics.ask(topic, deadline),
        details -> {
          for (int partition : places.keySet()) {
            details.checked(partition);
          }
          CompletableFuture<Map<Integer, Long>> committed = CompletableFuture.completedFuture(Map.of());
          if (places.values().stream().anyMatch(StartAt::ofGroup)) {
            if (group == null) {
              throw InvalidRequestException.of("no group whose commit could be the start", "Give a group, or start elsewhere");
            }
            committed = groups.committed(group, topic, deadline);
          }
          return Steps.then(
              committed, known -> find(details, known, places.entrySet().iterator(), new HashMap<>(), deadline));
        });
  }

  /** The offset of one place in all of these partitions. */
  CompletableFuture<Map<Integer, Long>> find(
      String topic, @Nullable String group, Set<Integer> partitions, StartAt place, Deadline deadline) {
    return find(topic, group, partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> place)), deadline);
  }

  private CompletableFuture<Map<Integer, Long>> find(
      Topics.Details details,
      Map<Integer, Long> committed,
      Iterator<Map.Entry<Integer, StartAt>> left,
      Map<Integer, Long> found,
      Deadline deadline) {
    while (left.hasNext()) {
      Map.Entry<Integer, StartAt> one = left.next();
      int partition = one.getKey();
      Topics.Ends ends = details.of(partition);
      if (one.getValue() instanceof StartAt.Time time) {
        return Steps.then(
            search(details.topic(), partition, ends.earliest(), ends.next(), time.time(), deadline),
            offset -> {
              found.put(partition, offset);
              return find(details, committed, left, found, deadline);
            });
      }
      found.put(partition, one.getValue() instanceof StartAt.Offset exact ? exact.offset() : fixed(one.getValue(), committed.get(partition), ends));
    }
    return CompletableFuture.completedFuture(found);
  }

  private static long fixed(StartAt place, @Nullable Long committed, Topics.Ends ends) {
    return switch ((StartAt.Fixed) place) {
      case EARLIEST -> ends.earliest();
      case LATEST -> ends.next();
      case COMMITTED -> committed == null ? ends.earliest() : committed;
      case COMMITTED_ELSE_LATEST -> committed == null ? ends.next() : committed;
    };
  }

  /**
   * The first offset in a range whose message was stored at this time or later; the range's end if there is none. What lies between two
   * messages counts as the later one, so that the range always shrinks.
   */
  private CompletableFuture<Long> search(String topic, int partition, long from, long to, Instant time, Deadline deadline) {
    if (from >= to) {
      return CompletableFuture.completedFuture(from);
    }
    long middle = from + (to - from) / 2;
    return Steps.then(
        reading.messages(topic, partition, middle, 1, deadline),
        messages -> {
          Instant stored = messages.isEmpty() ? null : messages.get(0).timestamp();
          return stored != null && messages.get(0).offset() < to && stored.isBefore(time)
              ? search(topic, partition, messages.get(0).offset() + 1, to, time, deadline)
              : search(topic, partition, from, middle, time, deadline);
        });
  }
}
