package dev.tributary.testkit.server.goqueue.internal.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the messages that members had, in numbers. Thread-safe. */
public final class ReliabilityStats {
  /** The most topics that are told apart. */
  private static final int MOST_TOPICS = 10_000;

  public final LongAdder deliveries = new LongAdder();
  public final LongAdder acks = new LongAdder();
  public final LongAdder nacks = new LongAdder();
  public final LongAdder rejects = new LongAdder();
  /** Messages that a member had for too long. */
  public final LongAdder expired = new LongAdder();
  /** Messages that are to be delivered once more. */
  public final LongAdder retries = new LongAdder();
  public final LongAdder extensions = new LongAdder();
  public final LongAdder deadLetters = new LongAdder();
  public final LongAdder createErrors = new LongAdder();
  public final LongAdder publishErrors = new LongAdder();
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

  /** Dead letters by reason. */
  public Map<String, LongAdder> byReason() {
    return byReason;
  }

  /** Dead letters by the topic they were in. */
  public Map<String, LongAdder> byTopic() {
    return byTopic;
  }
}
