package dev.tributary.testkit.server.goqueue.internal.transactions;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The producers there are, by their transactional ids and by the numbers they were given. When there are {@value #MOST}, the one that
 * was quiet for longest and has no transaction makes room for the next. Thread-safe.
 */
public final class Producers {
  static final int MOST = 10_000;

  private final TimeSource time;
  private final Map<String, Producer> byName = new HashMap<>();
  /** The one that was quiet for longest first. */
  private final LinkedHashMap<Long, Producer> byId = new LinkedHashMap<>(16, 0.75f, true);

  private long nextId = 1;

  Producers(TimeSource time) {
    this.time = time;
  }

  /** The producer of this name, a new one if there is none. */
  public synchronized Producer named(String name) {
    Producer known = byName.get(name);
    if (known != null) {
      return known;
    }
    if (byName.size() >= MOST) {
      makeRoom();
    }
    Producer producer = new Producer(name, nextId++, time);
    byName.put(name, producer);
    byId.put(producer.id(), producer);
    return producer;
  }

  private void makeRoom() {
    Producer quiet =
        byId.values().stream()
            .filter(producer -> producer.open() == null)
            .findFirst()
            .orElseThrow(() -> new Refusal(503, "too many producers have a transaction"));
    byId.remove(quiet.id());
    byName.remove(quiet.name());
  }

  /** Begins its next epoch; when these are used up, its first under another number. */
  synchronized void renew(Producer producer, Duration timeout) {
    if (producer.epoch() < Short.MAX_VALUE) {
      producer.renew(producer.id(), producer.epoch() + 1, timeout);
    } else {
      byId.remove(producer.id());
      producer.renew(nextId++, 0, timeout);
    }
    byId.put(producer.id(), producer);
    byName.put(producer.name(), producer);
  }

  /** The producer of this number, if there is one. */
  public synchronized Optional<Producer> find(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The producer of this number. */
  Producer require(long id) {
    return find(id).orElseThrow(Producers::unknown);
  }

  /** The producer of this number, which must have this name too. */
  Producer require(long id, String name) {
    return find(id).filter(producer -> producer.name().equals(name)).orElseThrow(Producers::unknown);
  }

  private static Refusal unknown() {
    return Refusal.internal("unknown producer ID");
  }

  public synchronized List<Producer> all() {
    return List.copyOf(byId.values());
  }

  /** The number that the next new one gets. */
  public synchronized long nextId() {
    return nextId;
  }
}
