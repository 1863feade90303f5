package dev.tributary.engine;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The events of a stream that wait for their time, by the positions that were kept free for them. Used inside the gate. */
final class DelayedLog {
  private final Gate gate;
  private final Consumer<StoredEvent> whenDue;
  private final Map<Position, Waiting> waiting = new HashMap<>();

  DelayedLog(Gate gate, Consumer<StoredEvent> whenDue) {
    this.gate = gate;
    this.whenDue = whenDue;
  }

  /** Keeps an event until its time has come. */
  void add(StoredEvent event, Duration delay) {
    Position position = event.position();
    Schedule.Entry due =
        gate.schedule()
            .at(
                gate.clock().in(delay),
                () -> {
                  waiting.remove(position);
                  whenDue.accept(event);
                });
    waiting.put(position, new Waiting(new DelayedEvent(position, gate.clock().wall().plus(delay)), due));
  }

  List<DelayedEvent> list(int max) {
    return waiting.values().stream()
        .map(Waiting::event)
        .sorted(
            Comparator.comparing(DelayedEvent::dueAt)
                .thenComparing(event -> event.position().partition())
                .thenComparing(event -> event.position().offset()))
        .limit(max)
        .toList();
  }

  Optional<DelayedEvent> find(Position position) {
    return Optional.ofNullable(waiting.get(position)).map(Waiting::event);
  }

  void cancel(Position position) {
    Waiting found = waiting.remove(position);
    if (found == null) {
      throw new NotFoundException(
          ErrorInfo.of(
              "no event waits at partition " + position.partition() + ", offset " + position.offset(),
              "It was delivered or cancelled, or there never was one"));
    }
    found.due.cancel();
  }

  void clear() {
    waiting.values().forEach(each -> each.due.cancel());
    waiting.clear();
  }

  private record Waiting(DelayedEvent event, Schedule.Entry due) {}
}
