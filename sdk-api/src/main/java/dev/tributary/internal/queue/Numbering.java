package dev.tributary.internal.queue;

import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.ProducerIdentity;
import dev.tributary.queue.ProducerSequence;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Numbers what a client enqueues, in each queue from 1, so that the backend knows what it has already. Thread-safe. */
public final class Numbering {
  /** Further queues share one count: their numbers have gaps, which means nothing. */
  private static final int COUNTED = 10_000;

  private final ProducerIdentity producer;
  private final ConcurrentHashMap<ResourceName, AtomicLong> counts = new ConcurrentHashMap<>();
  private final AtomicLong shared = new AtomicLong();

  private Numbering(ProducerIdentity producer) {
    this.producer = producer;
  }

  /** For one client, as it is configured; null if it does not number. */
  public static @Nullable Numbering of(ClientConfig config) {
    return config.newProducer().map(Numbering::new).orElse(null);
  }

  ProducerSequence next(ResourceName queue) {
    AtomicLong count = counts.get(queue);
    if (count == null) {
      // Once full it stays full, so that a queue keeps the count it began with.
      count = counts.size() < COUNTED ? counts.computeIfAbsent(queue, first -> new AtomicLong()) : shared;
    }
    return new ProducerSequence(producer.id(), producer.epoch(), count.incrementAndGet());
  }
}
