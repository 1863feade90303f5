package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Everything that this server adds to topics, and how much that is. Thread-safe. */
public final class Appends {
  private final Topics topics;
  private final Map<String, LongAdder> bytes = new ConcurrentHashMap<>();

  public Appends(Topics topics) {
    this.topics = topics;
    topics.onDelete(bytes::remove);
  }

  /** Adds events in order, as many at once as the transport takes. One outcome for each, in order; fails only before the first is sent. */
  public CompletableFuture<List<Outcome<Position>>> append(Topic topic, List<Event<byte[]>> events, Deadline deadline) {
    return append(topic, events, new ArrayList<>(events.size()), deadline);
  }

  private CompletableFuture<List<Outcome<Position>>> append(
      Topic topic, List<Event<byte[]>> events, List<Outcome<Position>> done, Deadline deadline) {
    if (done.size() == events.size()) {
      return CompletableFuture.completedFuture(done);
    }
    List<Event<byte[]>> batch = events.subList(done.size(), end(events, done.size()));
    return Steps.then(
        publish(topic, batch, done.isEmpty(), deadline),
        outcomes -> {
          note(topic, batch, outcomes);
          done.addAll(outcomes);
          return append(topic, events, done, deadline);
        });
  }

  /** A batch of which nothing can be said failed altogether. If it is the first, nobody has to be told what became of others. */
  private CompletableFuture<List<Outcome<Position>>> publish(
      Topic topic, List<Event<byte[]>> batch, boolean first, Deadline deadline) {
    CompletableFuture<List<Outcome<Position>>> published = topics.streams().publish(topic.stream(), List.copyOf(batch), deadline);
    return first
        ? published
        : Steps.otherwise(
            published,
            error ->
                error instanceof TributaryException known
                    ? CompletableFuture.completedFuture(batch.stream().map(event -> Outcome.<Position>failed(known)).toList())
                    : CompletableFuture.failedFuture(error));
  }

  private int end(List<Event<byte[]>> events, int start) {
    Limits limits = topics.transport().limits();
    int end = start;
    long size = 0;
    while (end < events.size() && end - start < limits.maxBatch()) {
      size += events.get(end).value().length;
      if (size > limits.maxBatchBytes() && end > start) {
        break;
      }
      end++;
    }
    return end;
  }

  private void note(Topic topic, List<Event<byte[]>> events, List<Outcome<Position>> outcomes) {
    long size = 0;
    boolean any = false;
    for (int i = 0; i < events.size(); i++) {
      topics.doubt(topic, outcomes.get(i).error());
      if (outcomes.get(i).succeeded()) {
        size += size(events.get(i));
        any = true;
      }
    }
    if (any) {
      appended(topic, size);
    }
  }

  /** So many bytes were added to a topic by other means. */
  public void appended(Topic topic, long size) {
    bytes.computeIfAbsent(topic.name(), first -> new LongAdder()).add(size);
  }

  /** What an event takes: its value and its key. */
  public static long size(Event<byte[]> event) {
    EventKey key = event.key();
    return event.value().length + (key == null ? 0 : key.size());
  }

  /** How many bytes were added to a topic. */
  long bytes(String topic) {
    LongAdder added = bytes.get(topic);
    return added == null ? 0 : added.sum();
  }
}
