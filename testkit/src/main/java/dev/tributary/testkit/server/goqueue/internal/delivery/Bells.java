package dev.tributary.testkit.server.goqueue.internal.delivery;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who waits for something new in a topic; as many as there are requests. Thread-safe. */
public final class Bells {
  private final Map<String, Set<Waiter>> waiting = new ConcurrentHashMap<>();

  /** Has this run whenever there may be something new in a topic, on any thread, until what is returned is run. */
  Runnable listen(String topic, Runnable wake) {
    Waiter waiter = new Waiter(wake);
    waiting.compute(
        topic,
        (name, before) -> {
          Set<Waiter> all = before == null ? ConcurrentHashMap.newKeySet() : before;
          all.add(waiter);
          return all;
        });
    return () ->
        waiting.computeIfPresent(
            topic,
            (name, all) -> {
              all.remove(waiter);
              return all.isEmpty() ? null : all;
            });
  }

  /** There may be something new in a topic. */
  public void ring(String topic) {
    List.copyOf(waiting.getOrDefault(topic, Set.of())).forEach(waiter -> waiter.wake.run());
  }

  /** Each is itself, also if two have the same to do. */
  private static final class Waiter {
    private final Runnable wake;

    Waiter(Runnable wake) {
      this.wake = wake;
    }
  }
}
