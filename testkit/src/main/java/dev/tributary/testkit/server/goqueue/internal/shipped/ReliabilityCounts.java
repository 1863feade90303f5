package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the messages that members had, in numbers. Thread-safe. */
final class ReliabilityCounts {
  /** The most topics that are told apart. */
  private static final int MOST_TOPICS = 10_000;

  final LongAdder deliveries = new LongAdder();
  final LongAdder acks = new LongAdder();
  final LongAdder nacks = new LongAdder();
  final LongAdder rejects = new LongAdder();
  /** Messages that a member had for too long. */
  final LongAdder expired = new LongAdder();
  /** Messages that are to be delivered once more. */
  final LongAdder retries = new LongAdder();
  final LongAdder extensions = new LongAdder();
  final LongAdder deadLetters = new LongAdder();
  final LongAdder createErrors = new LongAdder();
  final LongAdder publishErrors = new LongAdder();
  private final Map<String, LongAdder> byReason = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> byTopic = new ConcurrentHashMap<>();

  /** A message of this topic is a dead letter, for this reason. */
  void buried(String topic, String reason) {
    deadLetters.increment();
    byReason.computeIfAbsent(reason, first -> new LongAdder()).increment();
    if (byTopic.containsKey(topic) || byTopic.size() < MOST_TOPICS) {
      byTopic.computeIfAbsent(topic, first -> new LongAdder()).increment();
    }
  }

  /** As of now. */
  Deliveries.Stats stats(long queued, long inFlight) {
    return new Deliveries.Stats(
        acks.sum(),
        nacks.sum(),
        rejects.sum(),
        expired.sum(),
        retries.sum(),
        deadLetters.sum(),
        queued,
        deliveries.sum(),
        inFlight,
        extensions.sum(),
        sums(byReason),
        sums(byTopic),
        createErrors.sum(),
        publishErrors.sum());
  }

  private static Map<String, Long> sums(Map<String, LongAdder> counts) {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((name, count) -> sums.put(name, count.sum()));
    return sums;
  }
}
