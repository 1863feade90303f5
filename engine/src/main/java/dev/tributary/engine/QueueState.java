package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A queue: its jobs by id, the ready ones of each partition in order, an alarm for each that waits or is leased, and takers who get what is ready in
 * turn. Invariant: a job of {@link #jobs} is ready and in its partition's order, or has an alarm; nothing is ready that a taker waits for once
 * {@link #serve} is through, so whatever makes a job ready ends with it. Failed jobs go to {@code <name>-dlq}, if that can be named and until it is
 * full; what fails there stays there. What is leased may be finished after its ttl or the retention, but does not come back. Used inside the gate.
 */
final class QueueState implements SchemaTarget {
  private static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(7);
  private static final int MOST_DEAD_LETTERS = 10_000;

  private final MemoryEngine engine;
  private final Gate gate;
  private final Clock clock;
  private final ResourceName name;
  private QueueConfig config;
  private final Instant createdAt;
  private final boolean keepsDeadLetters;
  private final @Nullable ResourceName deadLetters;
  private final QueuePartitions partitions;
  private final Map<String, StoredJob> jobs = new LinkedHashMap<>();
  private final Takers takers = new Takers();
  private final LinkedHashSet<Taker> sources = new LinkedHashSet<>();
  private final KnownJobs known;
  private RedeliveryPolicy policy;
  private @Nullable AttachedSchema schema;
  private long enqueued;
  private long deliveries;

  QueueState(MemoryEngine engine, ResourceName name, QueueConfig config) {
    this.engine = engine;
    this.gate = engine.gate();
    this.clock = gate.clock();
    this.name = name;
    this.config = config;
    this.createdAt = clock.wall();
    this.keepsDeadLetters = name.name().endsWith(DeadLetterHeaders.QUEUE_SUFFIX);
    this.deadLetters = keepsDeadLetters ? null : deadLetters(name);
    this.partitions = new QueuePartitions(name, config.partitions());
    RedeliveryPolicy wanted = config.redelivery() == null ? RedeliveryPolicy.DEFAULT : config.redelivery();
    this.policy = wanted.toBuilder().maxAttempts(keepsDeadLetters ? 0 : config.maxAttempts().orElse(wanted.maxAttempts())).build();
    this.known = new KnownJobs(clock, engine.dedupWindow());
  }

  /** The queue of a queue's dead letters; null if there is no such name. */
  private static @Nullable ResourceName deadLetters(ResourceName queue) {
    try {
      return queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX);
    } catch (InvalidRequestException tooLong) {
      return null;
    }
  }

  QueuePartitions partitions() {
    return partitions;
  }

  KnownJobs known() {
    return known;
  }

  ResourceInfo info() {
    return new ResourceInfo(ResourceKind.QUEUE, name, partitions.count(), createdAt);
  }

  /** As it was made, and changed since. */
  QueueConfig config() {
    return config.toBuilder().redelivery(policy).deadLetterRetention(deadLetterRetention()).build();
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
    update.maxAttempts().ifPresent(attempts -> policy = policy.toBuilder().maxAttempts(attempts).build());
  }

  private Duration deadLetterRetention() {
    return config.deadLetterRetention() == null ? DEAD_LETTER_RETENTION : config.deadLetterRetention();
  }

  @Override
  public void attach(AttachedSchema attached) {
    schema = attached;
  }

  // Enqueueing

  /** Stores jobs; refuses the whole batch because of its schema or, if atomic, because one of them is refused. */
  List<Outcome<EnqueueResult>> enqueue(List<NewJob<byte[]>> batch, boolean atomic) {
    checkSchema(batch);
    if (atomic) {
      known.requireCurrent(batch);
    }
    List<Outcome<EnqueueResult>> outcomes = batch.stream().map(this::enqueue).toList();
    serve();
    return outcomes;
  }

  private Outcome<EnqueueResult> enqueue(NewJob<byte[]> job) {
    EnqueueResult duplicate = known.duplicate(job);
    if (duplicate != null) {
      return Outcome.of(duplicate);
    }
    ConflictException refusal = known.refusal(job);
    return refusal == null
        ? Outcome.of(store(job, engine.ids().next(), partitions.choose(job.partitionKey())))
        : Outcome.failed(refusal);
  }

  void checkSchema(List<NewJob<byte[]>> batch) {
    if (schema != null) {
      schema.check(batch.stream().map(NewJob::value).toList());
    }
  }

  /** Stores a job, unless it is known by now. {@link #serve} when all are stored. */
  EnqueueResult store(NewJob<byte[]> job, String id, int partition) {
    EnqueueResult duplicate = known.duplicate(job);
    if (duplicate != null) {
      return duplicate;
    }
    StoredJob made = new StoredJob(id, enqueued++, partition, job, config.retention(), clock);
    jobs.put(id, made);
    QueuePartition home = partitions.of(made);
    home.jobs++;
    home.enqueued++;
    made.expiry = gate.schedule().at(made.expires, () -> expire(made));
    Duration delay = job.delay();
    if (delay == null) {
      home.ready.add(made);
    } else {
      delay(made, delay);
    }
    EnqueueResult result = new EnqueueResult(id, OptionalLong.of(made.sequence), false, partition);
    known.remember(job, result);
    return result;
  }

  private void delay(StoredJob job, Duration delay) {
    job.state = StoredJob.State.DELAYED;
    job.visibleAt = clock.in(delay);
    job.alarm = gate.schedule().at(job.visibleAt, () -> show(job));
  }

  private void show(StoredJob job) {
    job.alarm = null;
    job.state = StoredJob.State.READY;
    partitions.of(job).ready.add(job);
    serve();
  }

  private void expire(StoredJob job) {
    if (job.state != StoredJob.State.LEASED) {
      remove(job);
    }
  }

  /** Takes a job out, leased or not. */
  void remove(StoredJob job) {
    QueuePartition home = partitions.of(job);
    if (job.state == StoredJob.State.LEASED) {
      home.leased--;
    } else {
      home.ready.remove(job);
    }
    home.jobs--;
    jobs.remove(job.id);
    job.forget();
  }

  // Taking

  /** Takes a turn whenever jobs are ready, until it wants no more. */
  void enlist(Taker taker) {
    takers.add(taker);
    serve();
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
    takers.serve(() -> ready(Scope.ALL));
  }

  boolean ready(Scope scope) {
    return partitions.best(scope) != null;
  }

  /** What a receive takes from. */
  WaitingReceive.Shelf shelf(Scope scope, int max, Duration lease) {
    return new WaitingReceive.Shelf() {
      @Override
      public boolean ready() {
        return QueueState.this.ready(scope);
      }

      @Override
      public List<LeasedJob> lease() {
        return QueueState.this.lease(scope, max, lease);
      }

      @Override
      public void giveBack(Collection<LeasedJob> unseen) {
        QueueState.this.giveBack(unseen);
      }

      @Override
      public void enlist(Taker taker) {
        QueueState.this.enlist(taker);
      }

      @Override
      public void dismiss(Taker taker) {
        takers.remove(taker);
      }
    };
  }

  /** Leases up to this many of the best there. */
  List<LeasedJob> lease(Scope scope, int max, Duration length) {
    List<LeasedJob> taken = new ArrayList<>();
    for (StoredJob job = best(scope, max); job != null; job = best(scope, max - taken.size())) {
      QueuePartition home = partitions.of(job);
      home.ready.remove(job);
      home.leased++;
      Duration lease = length.isZero() ? config.lease() : length;
      taken.add(job.lease(Long.toString(++deliveries), Deadline.after(clock.source(), lease), attemptsAllowed()));
      guard(job, lease);
    }
    return taken;
  }

  private @Nullable StoredJob best(Scope scope, int wanted) {
    return wanted > 0 ? partitions.best(scope) : null;
  }

  private void guard(StoredJob job, Duration lease) {
    job.quiet();
    job.alarm = gate.schedule().at(clock.in(lease), () -> lapse(job));
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
        release(job);
      }
    }
    serve();
  }

  /** As if this delivery had not been: the job has its attempt and its place again. */
  private void release(StoredJob job) {
    job.attempts--;
    requeue(job, null);
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
    partitions.of(job).leased--;
    job.quiet();
    if (delay == null || delay.isZero()) {
      job.state = StoredJob.State.READY;
      partitions.of(job).ready.add(job);
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
        partitions.of(job).completed++;
      }
      case NACK -> {
        return Outcome.of(new Settlement.Result(fail(job, duration, settlement.reason()), null));
      }
      case RELEASE -> release(job);
      case REJECT -> {
        return Outcome.of(new Settlement.Result(bury(job, settlement.reason()), null));
      }
      case EXTEND -> {
        if (duration == null) {
          return Outcome.failed(InvalidRequestException.of("an extension without a duration", "Say for how long"));
        }
        Deadline until = Deadline.after(clock.source(), duration);
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
      return bury(job, reason);
    }
    job.visibleAt = clock.nanos();
    requeue(job, delay == null ? policy.backoff(job.attempts) : delay);
    return false;
  }

  /** Makes a job a dead letter; false if there is no room for it: then it stays, and comes back as late as the policy has it. */
  private boolean bury(StoredJob job, @Nullable String reason) {
    if (keepsDeadLetters) {
      requeue(job, policy.backoff(job.attempts));
      return true;
    }
    QueueState letters = deadLetters == null ? null : letters();
    if (deadLetters == null || letters != null && letters.jobs.size() >= MOST_DEAD_LETTERS) {
      requeue(job, policy.maxBackoff());
      return false;
    }
    remove(job);
    partitions.of(job).deadLettered++;
    Map<String, String> headers = new LinkedHashMap<>(job.headers);
    headers.put(DeadLetterHeaders.QUEUE, name.toString());
    headers.put(DeadLetterHeaders.JOB, job.id);
    headers.put(DeadLetterHeaders.FAILED_AT, clock.wall().toString());
    headers.put(DeadLetterHeaders.ATTEMPTS, Integer.toString(job.attempts));
    if (reason != null) {
      headers.put(DeadLetterHeaders.REASON, reason);
    }
    if (letters == null) {
      letters = engine.queues().create(deadLetters, QueueConfig.DEFAULT);
    }
    NewJob<byte[]> letter = job.again(headers, deadLetterRetention());
    letters.store(letter, engine.ids().next(), letters.partitions.choose(letter.partitionKey()));
    letters.serve();
    return true;
  }

  /** The queue of this queue's dead letters; null if it has none yet. */
  @Nullable QueueState letters() {
    return deadLetters == null ? null : engine.queues().find(deadLetters);
  }

  // Looking and administration

  List<PeekedJob<byte[]>> peek(Scope scope, int max) {
    Stream<StoredJob> later =
        in(scope)
            .filter(job -> job.state != StoredJob.State.READY)
            .sorted(Comparator.comparing((StoredJob job) -> job.state).thenComparingLong(job -> job.visibleAt));
    return Stream.concat(partitions.ready(scope), later).limit(max).map(job -> job.peeked(attemptsAllowed())).toList();
  }

  private Stream<StoredJob> in(Scope scope) {
    return jobs.values().stream().filter(job -> scope.covers(job.partition));
  }

  /** All jobs, in the order of their sequence. */
  List<StoredJob> oldestFirst(int max) {
    return jobs.values().stream().limit(max).toList();
  }

  /** The job of this id, or null. */
  @Nullable StoredJob find(String id) {
    return jobs.get(id);
  }

  QueueStats stats(Scope scope) {
    long now = clock.nanos();
    // Jobs stand in the order they were enqueued.
    OptionalLong oldest =
        in(scope).filter(job -> job.state != StoredJob.State.LEASED).mapToLong(job -> job.enqueued).findFirst();
    return new QueueStats(
        partitions.sum(scope, partition -> partition.jobs - partition.leased),
        partitions.sum(scope, partition -> partition.leased),
        OptionalLong.of(partitions.sum(scope, partition -> partition.enqueued)),
        OptionalLong.of(partitions.sum(scope, partition -> partition.completed)),
        OptionalLong.of(partitions.sum(scope, partition -> partition.deadLettered)),
        oldest.isEmpty() ? null : Duration.ofNanos(now - oldest.getAsLong()));
  }

  RedeliveryPolicy policy() {
    return policy;
  }

  void policy(RedeliveryPolicy other) {
    policy = other;
  }

  /** Drops what is not leased there, or all. */
  void purge(Scope scope, boolean leasedToo) {
    in(scope).filter(job -> leasedToo || job.state != StoredJob.State.LEASED).toList().forEach(this::remove);
  }

  /** The queue is deleted. */
  void delete() {
    purge(Scope.ALL, true);
    NotFoundException gone = new NotFoundException(ErrorInfo.of("the queue " + name + " was deleted", "Use another"));
    LinkedHashSet<Taker> all = new LinkedHashSet<>(sources);
    all.addAll(takers.all());
    all.forEach(taker -> taker.dismiss(gone));
  }
}
