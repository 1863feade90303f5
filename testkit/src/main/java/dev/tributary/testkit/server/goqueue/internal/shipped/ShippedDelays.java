package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.Outcome;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Delays;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Delays as public servers keep them: a message takes its place at once and is hidden there until it is due. What is hidden is an offset,
 * in every partition of the topic; whoever has read past it does not see it any more, cancelling shows it, and so does a restart. When a topic is deleted, what is hidden stays hidden in the next of that name.
 */
public final class ShippedDelays implements Delays {
  private final Appends appends;
  private final TimeSource time;
  private final Map<String, Map<Long, Hidden>> hidden = new HashMap<>();
  /** Publishing that may have stored what is not hidden yet, by topic. */
  private final Map<String, Set<CompletableFuture<Void>>> underWay = new HashMap<>();
  private long scheduled;
  private long delivered;
  private long cancelled;

  private record Hidden(DelayedEvent event, TimeSource.Timer timer) {}

  public ShippedDelays(Appends appends, TimeSource time) {
    this.appends = appends;
    this.time = time;
  }

  @Override
  public boolean choosePartition() {
    return false;
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(Topic topic, List<Event<byte[]>> events, Deadline deadline) {
    if (events.stream().allMatch(event -> event.delay() == null)) {
      return appends.append(topic, events, deadline);
    }
    CompletableFuture<Void> hiding = begin(topic.name());
    CompletableFuture<List<Outcome<Position>>> published =
        Steps.map(
            appends.append(topic, events.stream().map(ShippedDelays::atOnce).toList(), deadline),
            outcomes -> {
              for (int i = 0; i < events.size(); i++) {
                Duration delay = events.get(i).delay();
                Position position = outcomes.get(i).value();
                if (delay != null && position != null) {
                  hide(topic.name(), position, delay);
                }
              }
              return outcomes;
            });
    published.whenComplete((outcomes, error) -> end(topic.name(), hiding));
    return published;
  }

  private static Event<byte[]> atOnce(Event<byte[]> event) {
    Event.Builder<byte[]> same = Event.builder(event.value()).key(event.key()).priority(event.priority());
    event.partition().ifPresent(same::partition);
    return same.build();
  }

  private synchronized CompletableFuture<Void> begin(String topic) {
    CompletableFuture<Void> hiding = new CompletableFuture<>();
    underWay.computeIfAbsent(topic, first -> new HashSet<>()).add(hiding);
    return hiding;
  }

  private void end(String topic, CompletableFuture<Void> hiding) {
    synchronized (this) {
      underWay.computeIfPresent(
          topic,
          (name, all) -> {
            all.remove(hiding);
            return all.isEmpty() ? null : all;
          });
    }
    hiding.complete(null);
  }

  private synchronized void hide(String topic, Position position, Duration delay) {
    scheduled++;
    DelayedEvent event = new DelayedEvent(position, time.now().plus(delay));
    TimeSource.Timer timer = time.schedule(delay, () -> deliver(topic, position.offset()));
    hidden.computeIfAbsent(topic, first -> new HashMap<>()).put(position.offset(), new Hidden(event, timer));
  }

  /** Whichever is at this offset by now. */
  private synchronized void deliver(String topic, long offset) {
    if (show(topic, offset) != null) {
      delivered++;
    }
  }

  private @Nullable Hidden show(String topic, long offset) {
    Map<Long, Hidden> offsets = hidden.getOrDefault(topic, Map.of());
    Hidden shown = offsets.isEmpty() ? null : offsets.remove(offset);
    if (shown != null && offsets.isEmpty()) {
      hidden.remove(topic);
    }
    return shown;
  }

  /** Completes when everything is hidden that was stored before now. */
  synchronized CompletableFuture<Void> settled(String topic) {
    return CompletableFuture.allOf(underWay.getOrDefault(topic, Set.of()).toArray(CompletableFuture[]::new));
  }

  /** Whether this offset is not to be read, whatever the partition. */
  synchronized boolean hides(String topic, long offset) {
    return hidden.getOrDefault(topic, Map.of()).containsKey(offset);
  }

  @Override
  public synchronized CompletableFuture<List<DelayedEvent>> list(Topic topic, int max, Deadline deadline) {
    return CompletableFuture.completedFuture(
        hidden.getOrDefault(topic.name(), Map.of()).values().stream()
            .map(Hidden::event)
            .sorted(Comparator.comparing(DelayedEvent::dueAt))
            .limit(max)
            .toList());
  }

  @Override
  public synchronized CompletableFuture<Optional<DelayedEvent>> find(Topic topic, long offset, Deadline deadline) {
    return CompletableFuture.completedFuture(
        Optional.ofNullable(hidden.getOrDefault(topic.name(), Map.of()).get(offset)).map(Hidden::event));
  }

  @Override
  public synchronized CompletableFuture<Void> cancel(Topic topic, int partition, long offset, Deadline deadline) {
    Hidden shown = show(topic.name(), offset);
    if (shown == null) {
      return CompletableFuture.failedFuture(
          new NotFoundException(ErrorInfo.of("nothing is hidden at offset " + offset, "It was delivered or cancelled")));
    }
    shown.timer().cancel();
    cancelled++;
    return CompletableFuture.completedFuture(null);
  }

  /** What it has hidden is to be seen: nothing of it was written down. */
  public synchronized void restarted() {
    hidden.values().forEach(offsets -> offsets.values().forEach(each -> each.timer().cancel()));
    hidden.clear();
    scheduled = 0;
    delivered = 0;
    cancelled = 0;
  }

  @Override
  public synchronized Counts counts() {
    Map<String, Long> pending = new TreeMap<>();
    hidden.forEach((topic, offsets) -> pending.put(topic, (long) offsets.size()));
    return new Counts(scheduled, delivered, cancelled, pending);
  }
}
