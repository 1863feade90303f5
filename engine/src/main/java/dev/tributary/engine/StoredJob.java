package dev.tributary.engine;

import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A job of a queue, and who has it. */
final class StoredJob {
  /** Higher priority first, then who may be seen longer, then who came first. */
  static final Comparator<StoredJob> BEST_FIRST = StoredJob::compareBest;

  /** What a job waits for. */
  enum State {
    /** To be taken. */
    READY,
    /** For its time. */
    DELAYED,
    /** To be settled. */
    LEASED
  }

  final String id;
  final long sequence;
  final int partition;
  final Map<String, String> headers;
  final Instant enqueuedAt;
  final long enqueued;
  final long expires;
  private final byte[] value;
  private final int priority;
  private final @Nullable String partitionKey;
  private final @Nullable ProducerSequence producer;
  private final OptionalInt maxAttempts;

  State state = State.READY;
  int attempts;
  long visibleAt;
  /** Ends the delay or the lease. */
  Schedule.@Nullable Entry alarm;
  /** Ends the job. */
  Schedule.@Nullable Entry expiry;
  private @Nullable String receipt;
  private @Nullable Deadline leaseDeadline;

  StoredJob(String id, long sequence, int partition, NewJob<byte[]> job, @Nullable Duration retention, Clock clock) {
    this.id = id;
    this.sequence = sequence;
    this.partition = partition;
    this.value = job.value().clone();
    this.headers = job.headers();
    this.priority = job.priority();
    this.partitionKey = job.partitionKey();
    this.producer = job.producerSequence();
    this.maxAttempts = job.maxAttempts();
    this.enqueuedAt = clock.wall();
    this.enqueued = clock.nanos();
    this.visibleAt = enqueued;
    this.expires = Math.min(end(job.ttl(), clock), end(retention, clock));
  }

  /** By hand: every enqueue and every lease compares often, and a chain of comparators costs several calls each time. */
  private static int compareBest(StoredJob a, StoredJob b) {
    if (a.priority != b.priority) {
      return Integer.compare(b.priority, a.priority);
    }
    return a.visibleAt != b.visibleAt ? Long.compare(a.visibleAt, b.visibleAt) : Long.compare(a.sequence, b.sequence);
  }

  private static long end(@Nullable Duration life, Clock clock) {
    return life == null ? Clock.NEVER : clock.in(life);
  }

  /** Deliveries after which it is a dead letter; 0 for unlimited. */
  int limit(int ofQueue) {
    return maxAttempts.orElse(ofQueue);
  }

  private OptionalInt maxAttempts(int limitOfQueue) {
    int limit = limit(limitOfQueue);
    return limit == 0 ? OptionalInt.empty() : OptionalInt.of(limit);
  }

  LeasedJob lease(String newReceipt, Deadline until, int limitOfQueue) {
    state = State.LEASED;
    attempts++;
    receipt = newReceipt;
    leaseDeadline = until;
    return new LeasedJob(
        id,
        newReceipt,
        value.clone(),
        headers,
        attempts,
        maxAttempts(limitOfQueue),
        priority,
        enqueuedAt,
        until,
        OptionalLong.of(sequence),
        partition,
        producer,
        partitionKey);
  }

  /** Whether this delivery has the job. Without a receipt, whether anybody has it. */
  boolean heldBy(LeasedJob delivery) {
    return state == State.LEASED && (delivery.receipt().isEmpty() || delivery.receipt().equals(receipt));
  }

  void extend(Deadline until) {
    leaseDeadline = until;
  }

  void quiet() {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }

  /** It leaves the queue. */
  void forget() {
    quiet();
    if (expiry != null) {
      expiry.cancel();
    }
  }

  PeekedJob<byte[]> peeked(int limitOfQueue) {
    boolean leased = state == State.LEASED;
    return new PeekedJob<>(
        id,
        value.clone(),
        headers,
        attempts,
        maxAttempts(limitOfQueue),
        priority,
        enqueuedAt,
        leased,
        leased && leaseDeadline != null ? leaseDeadline.instant() : null,
        partition,
        producer);
  }

  /** The same work as a new job: no attempts, no delay, no deduplication. */
  NewJob<byte[]> again(Map<String, String> otherHeaders, @Nullable Duration ttl) {
    NewJob.Builder<byte[]> again = NewJob.builder(value).headers(otherHeaders).priority(priority).partitionKey(partitionKey);
    if (ttl != null) {
      again.ttl(ttl);
    }
    maxAttempts.ifPresent(again::maxAttempts);
    return again.build();
  }
}
