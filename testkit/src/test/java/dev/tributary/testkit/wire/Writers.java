package dev.tributary.testkit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.stream.Position;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Publish value after value, each when its last is confirmed or lost, until they are stopped; and know what became of which. */
final class Writers {
  private final String name;
  private final EventStream<String> stream;
  private final AtomicInteger number = new AtomicInteger();
  private final AtomicInteger writing;
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private final Map<String, Position> confirmed = new ConcurrentHashMap<>();
  private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  /** So many begin at once; their values begin with this name. */
  Writers(String name, EventStream<String> stream, int writers) {
    this.name = name;
    this.stream = stream;
    this.writing = new AtomicInteger(writers);
    for (int i = 0; i < writers; i++) {
      next();
    }
  }

  private void next() {
    if (stopped) {
      writing.decrementAndGet();
      return;
    }
    String value = name + "-" + number.incrementAndGet();
    begun.add(value);
    // Never on this stack: what fails at once makes it no deeper.
    stream.publish(value).whenCompleteAsync((position, error) -> became(value, position, error));
  }

  private void became(String value, @Nullable Position position, @Nullable Throwable error) {
    if (position != null) {
      confirmed.put(value, position);
    } else if (!(error instanceof ConnectionFailedException lost && lost.maybeApplied())) {
      unexpected.add(error);
      stopped = true;
    }
    next();
  }

  void stop() {
    stopped = true;
  }

  boolean done() {
    return writing.get() == 0;
  }

  int confirmed() {
    if (!unexpected.isEmpty()) {
      throw new AssertionError("a writer failed", unexpected.peek());
    }
    return confirmed.size();
  }

  /** All that may be stored. */
  Set<String> begun() {
    return begun;
  }

  /** What failed without saying that it may have been stored. */
  List<Throwable> unexpected() {
    return List.copyOf(unexpected);
  }

  /** What was confirmed is where that was said to be. */
  void assertStored(int partition, List<String> stored) {
    Set<String> lost = new HashSet<>();
    confirmed.forEach(
        (value, position) -> {
          if (position.partition() == partition
              && (position.offset() >= stored.size() || !stored.get((int) position.offset()).equals(value))) {
            lost.add(value);
          }
        });
    assertThat(lost).isEmpty();
  }
}
