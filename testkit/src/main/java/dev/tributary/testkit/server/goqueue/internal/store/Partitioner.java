package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.vertx.internal.goqueue.wire.Murmur3;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Which partition a message goes to that does not say: that of its key, or else the next. Thread-safe. */
public final class Partitioner {
  private final boolean skips;
  private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();

  /** {@code skips} goes two on each time, as public servers do, and so misses every other of an even number. */
  public Partitioner(Topics topics, boolean skips) {
    this.skips = skips;
    topics.onDelete(turns::remove);
  }

  public int choose(Topic topic, String key) {
    if (!key.isEmpty()) {
      return Murmur3.partition(key, topic.partitions());
    }
    AtomicInteger turn = turns.computeIfAbsent(topic.name(), first -> new AtomicInteger());
    return Integer.remainderUnsigned(skips ? turn.getAndAdd(2) + 1 : turn.getAndIncrement(), topic.partitions());
  }
}
