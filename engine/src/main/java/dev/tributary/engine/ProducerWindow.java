package dev.tributary.engine;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.ProducerSequence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What producers stored lately under their numbers, and the newest epoch of each. A producer of whom nothing is remembered is
 * forgotten, and its epoch with it. Used inside the gate.
 */
final class ProducerWindow {
  /** Of more jobs of one producer, the oldest is forgotten. */
  private static final int MOST_OF_ONE = 10_000;

  private final DedupWindow<ProducerSequence, EnqueueResult> stored;
  private final Map<String, Producer> producers = new HashMap<>();

  ProducerWindow(Clock clock, Duration length) {
    stored = new DedupWindow<>(clock, length, this::forgotten);
  }

  /** What is stored under this number, or null. */
  @Nullable EnqueueResult find(@Nullable ProducerSequence number) {
    return stored.find(number);
  }

  void remember(@Nullable ProducerSequence number, EnqueueResult what) {
    if (number == null) {
      return;
    }
    stored.remember(number, what);
    Producer producer = producers.computeIfAbsent(number.producer(), first -> new Producer());
    producer.epoch = Math.max(producer.epoch, number.epoch());
    producer.oldestFirst.add(number);
    if (producer.oldestFirst.size() > MOST_OF_ONE) {
      stored.forget(producer.oldestFirst.element());
    }
  }

  /** Why a new job of this number must not be stored, or null: its producer was replaced. */
  @Nullable ConflictException refusal(@Nullable ProducerSequence number) {
    return number == null ? null : refusal(number, newestEpoch(number));
  }

  /** Refuses numbers of which, if they were stored in this order, one would be refused. */
  void requireCurrent(List<ProducerSequence> numbers) {
    Set<ProducerSequence> given = new HashSet<>();
    Map<String, Long> newest = new HashMap<>();
    for (ProducerSequence number : numbers) {
      if (find(number) == null && given.add(number)) {
        ConflictException refusal = refusal(number, newest.computeIfAbsent(number.producer(), first -> newestEpoch(number)));
        if (refusal != null) {
          throw refusal;
        }
        newest.merge(number.producer(), number.epoch(), Math::max);
      }
    }
  }

  private long newestEpoch(ProducerSequence number) {
    Producer producer = producers.get(number.producer());
    return producer == null ? 0 : producer.epoch;
  }

  private static @Nullable ConflictException refusal(ProducerSequence number, long newest) {
    return number.epoch() >= newest
        ? null
        : new ConflictException(
          ErrorInfo.of(
              "the producer \"" + number.producer() + "\" is in epoch " + newest + " by now, and this is a new job of epoch "
                  + number.epoch(),
              "Another client took over; stop this one, or give it a newer epoch"));
  }

  /** What is forgotten is the oldest of all or of its producer, so the oldest of its producer in any case. */
  private void forgotten(ProducerSequence number) {
    Producer producer = java.util.Objects.requireNonNull(producers.get(number.producer()));
    producer.oldestFirst.remove();
    if (producer.oldestFirst.isEmpty()) {
      producers.remove(number.producer());
    }
  }

  private static final class Producer {
    private final ArrayDeque<ProducerSequence> oldestFirst = new ArrayDeque<>();
    private long epoch;
  }
}
