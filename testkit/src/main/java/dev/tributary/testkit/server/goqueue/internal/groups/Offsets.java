package dev.tributary.testkit.server.goqueue.internal.groups;

import dev.tributary.Capability;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How far groups are, which the transport keeps. Here is only known what the transport does not say: which topics a group committed to, and
 * when; of the {@link #MOST_GROUPS} that committed last. Thread-safe.
 */
public class Offsets {
  static final int MOST_GROUPS = 10_000;

  private final Topics topics;
  private final TimeSource time;
  private final Map<String, Commits> commits =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Commits> eldest) {
          return size() > MOST_GROUPS;
        }
      };

  /**
   * What a group committed to.
   *
   * @param at when it did last
   */
  public record Commits(Set<String> topics, Instant at) {}

  public Offsets(Topics topics, TimeSource time) {
    this.topics = topics;
    this.time = time;
  }

  /** The next offset that the group reads; empty if it never committed, or there is no such topic. */
  public CompletableFuture<OptionalLong> committed(GroupPartition place, Deadline deadline) {
    return orIfMissing(
        topics.with(
            place.topic(),
            missing(place.topic()),
            deadline,
            topic ->
                topic.has(place.partition())
                    ? topics.streams().committed(topic.stream(), place.group(), place.partition(), deadline)
                    : CompletableFuture.completedFuture(OptionalLong.empty())),
        OptionalLong.empty());
  }

  /** This, or that if there is no such topic, or none any more. */
  private static <T extends @Nullable Object> CompletableFuture<T> orIfMissing(CompletableFuture<T> done, T otherwise) {
    return Steps.otherwise(
        done,
        error ->
            isMissing(error)
                ? CompletableFuture.completedFuture(otherwise)
                : CompletableFuture.failedFuture(error));
  }

  /** What is said of a topic that is not there. */
  public static String missing(String topic) {
    return "topic not found: " + topic;
  }

  public static boolean isMissing(@Nullable Throwable error) {
    return error != null && Steps.unwrap(error) instanceof Refusal refusal && refusal.status() == 404;
  }

  /** The group goes on from there; a 404 without such a topic. */
  public CompletableFuture<Void> commit(GroupPartition place, long next, Deadline deadline) {
    return Steps.map(
        topics.with(
            place.topic(),
            missing(place.topic()),
            deadline,
            topic -> {
              if (!topic.has(place.partition())) {
                throw Refusal.badRequest("invalid partition " + place.partition());
              }
              return topics.streams().commit(topic.stream(), place.group(), new Position(place.partition(), next), deadline);
            }),
        stored -> {
          committed(place.group(), place.topic());
          return stored;
        });
  }

  /** Notes that a group committed to a topic. */
  public final synchronized void committed(String group, String topic) {
    Commits before = commits.get(group);
    Set<String> all = new TreeSet<>(before == null ? Set.of() : before.topics());
    all.add(topic);
    commits.put(group, new Commits(all, time.now()));
  }

  /** What a group committed to, as far as that was seen; null if it was not. */
  public synchronized @Nullable Commits commits(String group) {
    return commits.get(group);
  }

  /** The offsets of a group in these topics, as far as it committed. */
  public CompletableFuture<SortedMap<String, SortedMap<Integer, Long>>> all(String group, Set<String> inTopics, Deadline deadline) {
    List<CompletableFuture<SortedMap<Integer, Long>>> reading = new ArrayList<>();
    List<String> names = List.copyOf(inTopics);
    names.forEach(topic -> reading.add(of(group, topic, deadline)));
    return Steps.map(
        Steps.together(reading),
        found -> {
          SortedMap<String, SortedMap<Integer, Long>> byTopic = new TreeMap<>();
          for (int i = 0; i < names.size(); i++) {
            if (!found.get(i).isEmpty()) {
              byTopic.put(names.get(i), found.get(i));
            }
          }
          return byTopic;
        });
  }

  /** The offsets of a group in one topic, as far as it committed. */
  public CompletableFuture<SortedMap<Integer, Long>> of(String group, String topic, Deadline deadline) {
    return orIfMissing(
        topics.with(
            topic,
            missing(topic),
            deadline,
            found -> {
              List<CompletableFuture<OptionalLong>> all = new ArrayList<>();
              for (int p = 0; p < found.partitions(); p++) {
                all.add(topics.streams().committed(found.stream(), group, p, deadline));
              }
              return Steps.map(Steps.together(all), Offsets::present);
            }),
        new TreeMap<>());
  }

  private static SortedMap<Integer, Long> present(List<OptionalLong> offsets) {
    SortedMap<Integer, Long> present = new TreeMap<>();
    for (int p = 0; p < offsets.size(); p++) {
      int partition = p;
      offsets.get(p).ifPresent(next -> present.put(partition, next));
    }
    return present;
  }

  /** Refuses to delete what cannot be. */
  public void checkDeletion() {
    if (!topics.can(Capability.GROUP_DELETION)) {
      throw new Refusal(501, topics.transport().backend() + " does not delete groups");
    }
  }

  /** Forgets how far a group is in these topics. */
  public CompletableFuture<Void> delete(String group, Set<String> inTopics, Deadline deadline) {
    synchronized (this) {
      commits.remove(group);
    }
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (String name : inTopics) {
      all.add(
          orIfMissing(
              topics.with(name, missing(name), deadline, topic -> topics.streams().deleteGroup(topic.stream(), group, deadline)), null));
    }
    return Steps.map(Steps.together(all), done -> null);
  }
}
