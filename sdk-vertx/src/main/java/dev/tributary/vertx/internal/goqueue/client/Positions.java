package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.source.PagedSource;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the offsets that places of a topic are now. The server knows no times, so those are searched for. Thread-safe. */
public final class Positions {
  private final Topics topics;
  private final Groups groups;
  private final Reading reading;

  public Positions(Topics topics, Groups groups, Reading reading) {
    this.topics = topics;
    this.groups = groups;
    this.reading = reading;
  }

  /**
   * Where a source begins.
   *
   * @param group its group's name on the wire; null for none
   * @param partitions which, and of each whether somebody of the group read it before
   * @param shared whether members of the group take partitions over from each other
   * @param keep stores where the group is; {@code ConflictException} if that is somebody else's to say
   */
  public record Beginning(
      String topic,
      @Nullable String group,
      StartAt start,
      OffsetReset reset,
      Map<Integer, Boolean> partitions,
      boolean shared,
      BiFunction<Map<Integer, Long>, Deadline, CompletableFuture<Void>> keep) {
    /** Of what was committed, what counts in this partition. */
    @Nullable Long counts(int partition, Map<Integer, Long> committed) {
      return partitions.getOrDefault(partition, false) || start.ofGroup() ? committed.get(partition) : null;
    }

    /** Whether somebody who takes over would begin elsewhere if this place was not kept. */
    private boolean mustKeep(long offset, @Nullable Long committed) {
      boolean latest = start == StartAt.latest() || start == StartAt.committedElseLatest();
      return group != null && (committed == null ? latest : shared && committed != offset);
    }
  }

  /**
   * Finds out where to begin, and keeps that for the group; without partitions that are somebody else's by now. What the group committed must
   * still be there.
   */
  public CompletableFuture<PagedSource.Starts> begin(Beginning wish, Deadline deadline) {
    CompletableFuture<Map<Integer, Long>> committed =
        wish.group() == null ? CompletableFuture.completedFuture(Map.of()) : groups.committed(wish.group(), wish.topic(), deadline);
    return Steps.then(
        topics.ask(wish.topic(), deadline), details -> Steps.then(committed, known -> begin(wish, details, known, deadline)));
  }

  private CompletableFuture<PagedSource.Starts> begin(Beginning wish, Topics.Details details, Map<Integer, Long> committed, Deadline deadline) {
    if (wish.group() == null && wish.start().ofGroup()) {
      throw noGroup();
    }
    Map<Integer, StartAt> starts = new HashMap<>();
    Set<Integer> ahead = new HashSet<>();
    for (int partition : wish.partitions().keySet()) {
      Ends ends = details.of(partition);
      Long next = wish.counts(partition, committed);
      if (next == null) {
        starts.put(partition, wish.start());
        if (wish.start() instanceof StartAt.Offset) {
          ahead.add(partition);
        }
      } else {
        // Where nothing is that cannot be said: all may be too old.
        boolean there = ends.next() == 0 || ends.has(next);
        starts.put(partition, StartAt.offset(there ? next : ends.instead(wish.reset(), "partition " + partition + " of " + wish.topic(), next)));
      }
    }
    return Steps.then(
        find(details, committed, starts.entrySet().iterator(), new HashMap<>(), deadline),
        offsets -> {
          Map<Integer, Long> kept = new HashMap<>(offsets);
          kept.entrySet().removeIf(place -> !wish.mustKeep(place.getValue(), committed.get(place.getKey())));
          PagedSource.Starts found = new PagedSource.Starts(offsets, ahead);
          return kept.isEmpty()
              ? CompletableFuture.completedFuture(found)
              : Steps.recover(
                  Steps.map(wish.keep().apply(kept, deadline), stored -> found),
                  ConflictException.class,
                  lost -> {
                    if (wish.shared()) {
                      offsets.keySet().removeAll(kept.keySet());
                    }
                    return CompletableFuture.completedFuture(found);
                  });
        });
  }

  private static InvalidRequestException noGroup() {
    return InvalidRequestException.of("no group whose commit could be the start", "Give a group, or start elsewhere");
  }

  /**
   * The offset of a place in each of these partitions.
   *
   * @param group whose commits count, by its name on the wire; null for none
   */
  public CompletableFuture<Map<Integer, Long>> find(String topic, @Nullable String group, Map<Integer, StartAt> places, Deadline deadline) {
    return Steps.then(
        topics.ask(topic, deadline),
        details -> {
          for (int partition : places.keySet()) {
            details.checked(partition);
          }
          CompletableFuture<Map<Integer, Long>> committed = CompletableFuture.completedFuture(Map.of());
          if (places.values().stream().anyMatch(StartAt::ofGroup)) {
            if (group == null) {
              throw noGroup();
            }
            committed = groups.committed(group, topic, deadline);
          }
          return Steps.then(
              committed, known -> find(details, known, places.entrySet().iterator(), new HashMap<>(), deadline));
        });
  }

  /** The offset of one place in all of these partitions. */
  public CompletableFuture<Map<Integer, Long>> find(
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
      Ends ends = details.of(partition);
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

  private static long fixed(StartAt place, @Nullable Long committed, Ends ends) {
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
        page -> {
          Message<byte[]> first = page.messages().isEmpty() ? null : page.messages().get(0);
          Instant stored = first == null ? null : first.timestamp();
          return stored != null && first.offset() < to && stored.isBefore(time)
              ? search(topic, partition, first.offset() + 1, to, time, deadline)
              : search(topic, partition, from, middle, time, deadline);
        });
  }
}
