package dev.tributary.examples.quickstart;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What has happened so far, of how much. Readings are counted by their lines. Thread-safe. */
public final class Progress {
  private final long events;
  private final long jobs;
  private final Map<Integer, Long> begun = new ConcurrentHashMap<>();
  private final AtomicLong published = new AtomicLong();
  private final Set<Integer> consumed = ConcurrentHashMap.newKeySet();
  private final AtomicLong enqueued = new AtomicLong();
  private final Set<Integer> processed = ConcurrentHashMap.newKeySet();
  private final AtomicLong failures = new AtomicLong();
  private final Latencies publishing = new Latencies();
  private final Latencies processing = new Latencies();

  /**
   * Of nothing yet.
   *
   * @param events how many are to come; 0 if there are no streams
   * @param jobs how many are to come; 0 if there are no queues
   */
  public Progress(long events, long jobs) {
    this.events = events;
    this.jobs = jobs;
  }

  /** A reading is about to be published, or enqueued if there is no stream. */
  public void begun(Reading reading) {
    begun.putIfAbsent(reading.number(), System.nanoTime());
  }

  /** A reading is confirmed. */
  public void published(long begunNanos) {
    published.incrementAndGet();
    publishing.since(begunNanos);
  }

  /** The consumer group has dealt with a reading. */
  public void consumed(Reading reading) {
    consumed.add(reading.number());
  }

  /** A reading has become a job. */
  public void countJob() {
    enqueued.incrementAndGet();
  }

  /**
   * A worker has finished the job of a reading; how often it saw it is of no matter.
   *
   * @param atOnce whether it did not fail before: how long the others took is the backoff of their queue
   */
  public void processed(Reading reading, boolean atOnce) {
    if (processed.add(reading.number()) && atOnce) {
      processing.since(begun.getOrDefault(reading.number(), System.nanoTime()));
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

  /** From publishing to the end of the job, of those that did not fail on purpose. */
  public Latencies processing() {
    return processing;
  }

  @Override
  public String toString() {
    String ofEvents = events == 0 ? "" : of("published", published(), events) + of("consumed", consumed(), events);
    String ofJobs = jobs == 0 ? "" : of("enqueued", enqueued(), jobs) + of("done", processed(), jobs) + "failed on purpose " + failures;
    return (ofEvents + ofJobs).strip();
  }

  private static String of(String what, long count, long all) {
    return String.format(Locale.ROOT, "%s %,d of %,d   ", what, count, all);
  }
}
