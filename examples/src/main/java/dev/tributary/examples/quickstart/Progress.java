package dev.tributary.examples.quickstart;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What has happened so far. Thread-safe. */
public final class Progress {
  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private final AtomicLong published = new AtomicLong();
  private final Set<String> consumed = ConcurrentHashMap.newKeySet();
  private final AtomicLong enqueued = new AtomicLong();
  private final Set<String> processed = ConcurrentHashMap.newKeySet();
  private final AtomicLong failures = new AtomicLong();
  private final Latencies publishing = new Latencies();
  private final Latencies processing = new Latencies();

  /** A reading is about to be published, or enqueued if there is no stream. */
  public void begun(Reading reading) {
    begun.putIfAbsent(reading.id(), System.nanoTime());
  }

  /** A reading is confirmed. */
  public void published(long begunNanos) {
    published.incrementAndGet();
    publishing.since(begunNanos);
  }

  /** The consumer group has dealt with a reading. */
  public void consumed(Reading reading) {
    consumed.add(reading.id());
  }

  /** A reading has become a job. */
  public void countJob() {
    enqueued.incrementAndGet();
  }

  /** A worker has finished the job of a reading; how often it saw it is of no matter. */
  public void processed(Reading reading) {
    if (processed.add(reading.id())) {
      processing.since(begun.getOrDefault(reading.id(), System.nanoTime()));
    }
  }

  /** A job failed on purpose. */
  public void failed() {
    failures.incrementAndGet();
  }

  /** Readings confirmed by the stream. */
  public long published() {
    return published.get();
  }

  /** Different readings the group has dealt with. */
  public long consumed() {
    return consumed.size();
  }

  /** Jobs confirmed by the queue. */
  public long enqueued() {
    return enqueued.get();
  }

  /** Different jobs done. */
  public long processed() {
    return processed.size();
  }

  /** Deliberate failures so far. */
  public long failures() {
    return failures.get();
  }

  /** From publishing to confirmation. */
  public Latencies publishing() {
    return publishing;
  }

  /** From publishing to the end of the job. */
  public Latencies processing() {
    return processing;
  }

  @Override
  public String toString() {
    return "published " + published + "   consumed " + consumed() + "   enqueued " + enqueued + "   done " + processed()
        + "   failed on purpose " + failures;
  }
}
