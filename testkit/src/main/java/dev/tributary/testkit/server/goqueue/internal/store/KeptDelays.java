package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Delays that the transport keeps, as events of its own. Here they are only counted, as far as they were published here. */
public final class KeptDelays implements Delays {
  private final Topics topics;
  private final Appends appends;
  private final TimeSource time;
  private final NavigableMap<Due, Place> waiting = new TreeMap<>();
  private final Map<Place, Due> due = new HashMap<>();
  private long scheduled;
  private long delivered;
  private long cancelled;

  private record Place(String topic, Position position) {}

  /** When it is due, and which of those that are due then. */
  private record Due(long nanos, long number) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int sooner = Long.signum(nanos - other.nanos);
      return sooner == 0 ? Long.compare(number, other.number) : sooner;
    }
  }

  public KeptDelays(Topics topics, Appends appends, TimeSource time) {
    this.topics = topics;
    this.appends = appends;
    this.time = time;
    topics.onDelete(this::deleted);
  }

  private DelayedEventTransport delayed() {
    if (!topics.can(Capability.DELAYED_EVENTS)) {
      throw new Refusal(501, topics.transport().backend() + " does not show delayed messages");
    }
    return topics.streams().delayed();
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(Topic topic, List<Event<byte[]>> events, Deadline deadline) {
    return Steps.map(
        appends.append(topic, events, deadline),
        outcomes -> {
          for (int i = 0; i < events.size(); i++) {
            Duration delay = events.get(i).delay();
            Position position = outcomes.get(i).value();
            if (delay != null && position != null) {
              scheduled(new Place(topic.name(), position), delay);
            }
          }
          return outcomes;
        });
  }

  private synchronized void scheduled(Place place, Duration delay) {
    Due at = new Due(time.nanos() + delay.toNanos(), scheduled++);
    waiting.put(at, place);
    due.put(place, at);
  }

  @Override
  public boolean choosePartition() {
    return true;
  }

  @Override
  public CompletableFuture<List<DelayedEvent>> list(Topic topic, int max, Deadline deadline) {
    return delayed().list(topic.stream(), max, deadline);
  }

  @Override
  public CompletableFuture<Optional<DelayedEvent>> find(Topic topic, long offset, Deadline deadline) {
    return find(delayed(), topic, new Position(0, offset), deadline);
  }

  private CompletableFuture<Optional<DelayedEvent>> find(
      DelayedEventTransport delayed, Topic topic, Position position, Deadline deadline) {
    return position.partition() == topic.partitions()
        ? CompletableFuture.completedFuture(Optional.empty())
        : Steps.then(
            delayed.find(topic.stream(), position, deadline),
            found ->
                found.isPresent()
                    ? CompletableFuture.completedFuture(found)
                    : find(delayed, topic, new Position(position.partition() + 1, position.offset()), deadline));
  }

  @Override
  public CompletableFuture<Void> cancel(Topic topic, int partition, long offset, Deadline deadline) {
    Position position = new Position(partition, offset);
    return Steps.map(
        delayed().cancel(topic.stream(), position, deadline),
        done -> {
          cancelled(new Place(topic.name(), position));
          return done;
        });
  }

  private synchronized void cancelled(Place place) {
    @Nullable Due at = due.remove(place);
    if (at != null) {
      waiting.remove(at);
      cancelled++;
    }
  }

  private synchronized void deleted(String topic) {
    deliver();
    waiting.values().removeIf(place -> place.topic().equals(topic));
    due.keySet().removeIf(place -> place.topic().equals(topic));
  }

  private void deliver() {
    NavigableMap<Due, Place> over = waiting.headMap(new Due(time.nanos(), Long.MAX_VALUE), true);
    over.values().forEach(due::remove);
    delivered += over.size();
    over.clear();
  }

  @Override
  public synchronized Counts counts() {
    deliver();
    Map<String, Long> pending = new TreeMap<>();
    waiting.values().forEach(place -> pending.merge(place.topic(), 1L, Long::sum));
    return new Counts(scheduled, delivered, cancelled, pending);
  }
}
