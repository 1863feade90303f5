package dev.tributary.testkit.engine;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.RedeliveryPolicy;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A queue. Jobs that failed for good go to the queue {@code <name>-dlq}; what fails there stays there, however often. A ttl ends what
 * is not leased; what is leased may be finished, but does not come back. Used inside the gate.
 */
final class QueueState implements SchemaTarget {
  private final MemoryEngine engine;
  private final Gate gate;
  private final Clock clock;
  private final ResourceName name;
  private QueueConfig config;
  private final Instant createdAt;
  private final boolean keepsDeadLetters;
  private final @Nullable ResourceName deadLetters;
  private final Map<String, StoredJob> jobs = new LinkedHashMap<>();
  private final TreeSet<StoredJob> ready = new TreeSet<>(StoredJob.BEST_FIRST);
  private final LinkedHashSet<Taker> takers = new LinkedHashSet<>();
  private final LinkedHashSet<Taker> sources = new LinkedHashSet<>();
  private final DedupWindow<EnqueueResult> stored;
  private RedeliveryPolicy policy;
  private @Nullable AttachedSchema schema;
  private long enqueued;
  private long completed;
  private long deadLettered;
  private long deliveries;
  private int leased;

  QueueState(MemoryEngine engine, ResourceName name, QueueConfig config) {
    this.engine = engine;
    this.gate = engine.gate();
    this.clock = gate.clock();
    this.name = name;
    this.config = config;
    this.createdAt = clock.wall();
    this.keepsDeadLetters = name.name().endsWith(DeadLetterHeaders.QUEUE_SUFFIX);
    this.deadLetters = keepsDeadLetters ? null : deadLetters(name);
    RedeliveryPolicy wanted = config.redelivery() == null ? RedeliveryPolicy.DEFAULT : config.redelivery();
    this.policy = wanted.withMaxAttempts(keepsDeadLetters ? 0 : config.maxAttempts().orElse(wanted.maxAttempts()));
    this.stored = new DedupWindow<>(clock, engine.dedupWindow());
  }

  /** The queue of this queue's dead letters. */
  static ResourceName deadLetters(ResourceName queue) {
    return queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX);
  }

  ResourceInfo info() {
    return new ResourceInfo(ResourceKind.QUEUE, name, config.partitions(), createdAt);
  }

  /** As it was made, and changed since. */
  QueueConfig config() {
    return config.toBuilder().redelivery(policy).build();
  }

  /** Changes what this says. Leases and retention that began stay as they are. */
  void update(QueueUpdate update) {
    QueueConfig.Builder changed = config.toBuilder();
    if (update.lease() != null) {
      changed.lease(update.lease());
    }
    if (update.retention() != null) {
      changed.retention(update.retention());
    }
    if (update.deadLetterRetention() != null) {
      changed.deadLetterRetention(update.deadLetterRetention());
    }
    update.options().forEach(changed::option);
    config = changed.build();
    update.maxAttempts().ifPresent(attempts -> policy = policy.withMaxAttempts(attempts));
  }

  @Override
  public void attach(AttachedSchema attached) {
    schema = attached;
  }

  // Enqueueing

  /** Stores all of them, or refuses the whole batch because of its schema. */
  List<EnqueueResult> enqueue(List<NewJob<byte[]>> batch) {
    checkSchema(batch);
    List<EnqueueResult> results = batch.stream().map(job -> store(job, engine.ids().next())).toList();
    serve();
    return results;
  }

  void checkSchema(List<NewJob<byte[]>> batch) {
    if (schema != null) {
      schema.check(batch.stream().map(NewJob::value).toList());
    }
  }

  /** What this deduplication id is known for, or null. */
  @Nullable EnqueueResult duplicate(@Nullable String deduplicationId) {
    EnqueueResult before = stored.find(deduplicationId);
    return before == null ? null : new EnqueueResult(before.id(), before.sequence(), true);
  }

  /** Stores a job, unless its deduplication id is known. {@link #serve} when all are stored. */
  EnqueueResult store(NewJob<byte[]> job, String id) {
    EnqueueResult duplicate = duplicate(job.deduplicationId());
    if (duplicate != null) {
      return duplicate;
    }
    StoredJob made = new StoredJob(id, enqueued++, job, clock);
    jobs.put(id, made);
    made.expiry = gate.agenda().at(made.expires, () -> expire(made));
    Duration delay = job.delay();
    if (delay == null) {
      ready.add(made);
    } else {
      delay(made, delay);
    }
    EnqueueResult result = new EnqueueResult(id, OptionalLong.of(made.sequence), false);
    stored.remember(job.deduplicationId(), result);
    return result;
  }

  private void delay(StoredJob job, Duration delay) {
    job.state = StoredJob.State.DELAYED;
    job.visibleAt = clock.in(delay);
    job.alarm = gate.agenda().at(job.visibleAt, () -> show(job));
  }

  private void show(StoredJob job) {
    job.alarm = null;
    job.state = StoredJob.State.READY;
    ready.add(job);
    serve();
  }

  private void expire(StoredJob job) {
    if (job.state != StoredJob.State.LEASED) {
      remove(job);
    }
  }

  /** Takes a job out, leased or not. */
  void remove(StoredJob job) {
    if (job.state == StoredJob.State.LEASED) {
      leased--;
    } else {
      ready.remove(job);
    }
    jobs.remove(job.id);
    job.forget();
  }

  // Taking

  /** Takes a turn whenever jobs are ready, until it wants no more. */
  void enlist(Taker taker) {
    takers.add(taker);
    serve();
  }

  void dismiss(Taker taker) {
    takers.remove(taker);
  }

  /** A source is told when the queue is deleted, whether it waits or not. */
  void join(Taker source) {
    sources.add(source);
  }

  void leave(Taker source) {
    sources.remove(source);
    takers.remove(source);
  }

  /** Hands what is ready to those who wait, in turn. */
  void serve() {
    while (!ready.isEmpty() && !takers.isEmpty()) {
      Iterator<Taker> first = takers.iterator();
      Taker taker = first.next();
      first.remove();
      if (taker.serve(this)) {
        takers.add(taker);
      }
    }
  }

  /** Leases up to this many of the best. */
  List<LeasedJob> lease(int max, Duration length) {
    List<LeasedJob> taken = new ArrayList<>();
    while (taken.size() < max && !ready.isEmpty()) {
      StoredJob job = java.util.Objects.requireNonNull(ready.pollFirst());
      leased++;
      Duration lease = length.isZero() ? config.lease() : length;
      taken.add(job.lease(Long.toString(++deliveries), clock.wall().plus(lease), attemptsAllowed()));
      guard(job, lease);
    }
    return taken;
  }

  private void guard(StoredJob job, Duration lease) {
    job.quiet();
    job.alarm = gate.agenda().at(clock.in(lease), () -> lapse(job));
  }

  private void lapse(StoredJob job) {
    fail(job, null, "the lease ended");
    serve();
  }

  /** Undoes deliveries that reached nobody. */
  void giveBack(Collection<LeasedJob> unseen) {
    for (LeasedJob delivery : unseen) {
      StoredJob job = held(delivery);
      if (job != null) {
        job.attempts--;
        requeue(job, null);
      }
    }
    serve();
  }

  private @Nullable StoredJob held(LeasedJob delivery) {
    StoredJob job = jobs.get(delivery.id());
    return job != null && job.heldBy(delivery) ? job : null;
  }

  /** Whether this delivery still has its job. */
  boolean holds(LeasedJob delivery) {
    return held(delivery) != null;
  }

  /** A leased job becomes ready, at once or later. */
  private void requeue(StoredJob job, @Nullable Duration delay) {
    if (job.expires <= clock.nanos()) {
      remove(job);
      return;
    }
    leased--;
    job.quiet();
    if (delay == null || delay.isZero()) {
      job.state = StoredJob.State.READY;
      ready.add(job);
    } else {
      delay(job, delay);
    }
  }

  // Settling

  List<Outcome<Settlement.Result>> settle(List<Settlement> settlements) {
    List<Outcome<Settlement.Result>> outcomes = settlements.stream().map(this::settle).toList();
    serve();
    return outcomes;
  }

  private Outcome<Settlement.Result> settle(Settlement settlement) {
    StoredJob job = held(settlement.job());
    if (job == null) {
      return Outcome.failed(
          new LeaseLostException(
              ErrorInfo.of(
                  "the job " + settlement.job().id() + " is no longer leased to this delivery",
                  "It was settled before, or its lease ended; extend leases in time")));
    }
    Duration duration = settlement.duration();
    switch (settlement.kind()) {
      case ACK -> {
        remove(job);
        completed++;
      }
      case NACK -> {
        return Outcome.of(new Settlement.Result(fail(job, duration, settlement.reason()), null));
      }
      case REJECT -> {
        bury(job, settlement.reason());
        return Outcome.of(new Settlement.Result(true, null));
      }
      case EXTEND -> {
        if (duration == null) {
          return Outcome.failed(InvalidRequestException.of("an extension without a duration", "Say for how long"));
        }
        Instant until = clock.wall().plus(duration);
        job.extend(until);
        guard(job, duration);
        return Outcome.of(new Settlement.Result(false, until));
      }
    }
    return Outcome.of(Settlement.Result.DONE);
  }

  /** Deliveries after which a job that says nothing itself is a dead letter; 0 for unlimited. */
  private int attemptsAllowed() {
    return keepsDeadLetters ? 0 : policy.maxAttempts();
  }

  /** An attempt failed; true if it was the last and the job is a dead letter now. */
  private boolean fail(StoredJob job, @Nullable Duration delay, @Nullable String reason) {
    int limit = keepsDeadLetters ? 0 : job.limit(policy.maxAttempts());
    if (limit > 0 && job.attempts >= limit) {
      bury(job, reason);
      return true;
    }
    job.visibleAt = clock.nanos();
    requeue(job, delay == null ? policy.backoff(job.attempts) : delay);
    return false;
  }

  private void bury(StoredJob job, @Nullable String reason) {
    if (deadLetters == null) {
      requeue(job, policy.backoff(job.attempts));
      return;
    }
    remove(job);
    deadLettered++;
    Map<String, String> headers = new LinkedHashMap<>(job.headers);
    headers.put(DeadLetterHeaders.QUEUE, name.toString());
    headers.put(DeadLetterHeaders.JOB, job.id);
    headers.put(DeadLetterHeaders.FAILED_AT, clock.wall().toString());
    headers.put(DeadLetterHeaders.ATTEMPTS, Integer.toString(job.attempts));
    if (reason != null) {
      headers.put(DeadLetterHeaders.REASON, reason);
    }
    QueueState letters = engine.queues().find(deadLetters);
    if (letters == null) {
      letters = engine.queues().create(deadLetters, QueueConfig.DEFAULT);
    }
    letters.store(job.again(headers), engine.ids().next());
    letters.serve();
  }

  // Looking and administration

  List<PeekedJob<byte[]>> peek(int max) {
    Stream<StoredJob> later =
        jobs.values().stream()
            .filter(job -> job.state != StoredJob.State.READY)
            .sorted(Comparator.comparing((StoredJob job) -> job.state).thenComparingLong(job -> job.visibleAt));
    return Stream.concat(ready.stream(), later).limit(max).map(job -> job.peeked(attemptsAllowed())).toList();
  }

  /** All jobs, in the order of their sequence. */
  List<StoredJob> oldestFirst(int max) {
    return jobs.values().stream().limit(max).toList();
  }

  /** The job of this id, or null. */
  @Nullable StoredJob find(String id) {
    return jobs.get(id);
  }

  QueueStats stats() {
    long now = clock.nanos();
    // Jobs stand in the order they were enqueued.
    OptionalLong oldest =
        jobs.values().stream().filter(job -> job.state != StoredJob.State.LEASED).mapToLong(job -> job.enqueued).findFirst();
    return new QueueStats(
        jobs.size() - leased,
        leased,
        OptionalLong.of(enqueued),
        OptionalLong.of(completed),
        OptionalLong.of(deadLettered),
        oldest.isEmpty() ? null : Duration.ofNanos(now - oldest.getAsLong()));
  }

  RedeliveryPolicy policy() {
    return policy;
  }

  void policy(RedeliveryPolicy other) {
    policy = other;
  }

  /** Drops what is not leased, or all. */
  void purge(boolean leasedToo) {
    List.copyOf(jobs.values()).stream()
        .filter(job -> leasedToo || job.state != StoredJob.State.LEASED)
        .forEach(this::remove);
  }

  /** The queue is deleted. */
  void delete() {
    purge(true);
    NotFoundException gone = new NotFoundException(ErrorInfo.of("the queue " + name + " was deleted", "Use another"));
    LinkedHashSet<Taker> all = new LinkedHashSet<>(sources);
    all.addAll(takers);
    all.forEach(taker -> taker.dismiss(gone));
  }
}
