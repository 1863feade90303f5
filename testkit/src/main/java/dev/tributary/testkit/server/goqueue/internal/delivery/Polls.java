package dev.tributary.testkit.server.goqueue.internal.delivery;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The polls that wait: as many as there are requests. Thread-safe. */
public final class Polls {
  private final Map<String, Set<Poll>> byTopic = new ConcurrentHashMap<>();
  private final Map<String, Poll> byName = new ConcurrentHashMap<>();

  /** Begins one of a topic; one that has a name can be ended by it. */
  public CompletableFuture<List<Deliveries.Delivery>> begin(Poll poll, String topic, @Nullable String name) {
    byTopic.compute(
        topic,
        (same, before) -> {
          Set<Poll> all = before == null ? ConcurrentHashMap.newKeySet() : before;
          all.add(poll);
          return all;
        });
    if (name != null) {
      byName.put(name, poll);
    }
    CompletableFuture<List<Deliveries.Delivery>> polled = poll.begin();
    polled.whenComplete(
        (messages, error) -> {
          byTopic.computeIfPresent(topic, (same, all) -> all.remove(poll) && all.isEmpty() ? null : all);
          if (name != null) {
            byName.remove(name, poll);
          }
        });
    return polled;
  }

  /** Partitions of a topic have moved between members. */
  public void moved(String topic) {
    List.copyOf(byTopic.getOrDefault(topic, Set.of())).forEach(Poll::again);
  }

  /** Has the poll of this name answer with what it has by now; false if none of this name waits. */
  public boolean end(String name) {
    Poll poll = byName.get(name);
    if (poll != null) {
      poll.hurry();
    }
    return poll != null;
  }
}
