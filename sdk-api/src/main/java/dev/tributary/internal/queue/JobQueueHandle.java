package dev.tributary.internal.queue;

import dev.tributary.BlockingHandler;
import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.codec.Codec;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UndecodableException;
import dev.tributary.internal.Batch;
import dev.tributary.internal.Buffer;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.DeadLettersHandle;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.SourcePublisher;
import dev.tributary.observe.Observation;
import dev.tributary.queue.DeadLetters;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue, over the transport. What cannot be sent is refused before an attempt is made. Whether an enqueue may be repeated depends on what makes
 * its jobs one and the same: a number or a deduplication id. Whatever takes jobs goes through one {@link Leasing}, so that all of them are settled,
 * renewed and given back in one place.
 */
public final class JobQueueHandle<T> implements JobQueue<T> {
  private final Calls calls;
  private final QueueTransport transport;
  private final ResourceName name;
  private final Payloads<T> payloads;
  private final Leasing leasing;

  /** The queue of this name; refused if the backend has no queues. */
  public JobQueueHandle(Calls calls, ResourceName name, Codec<T> codec) {
    this(
        calls,
        calls.transport().queues().orElseThrow(() -> calls.checks().unsupported(Capability.QUEUES)),
        name,
        new Payloads<>(Checks.present("codec", codec), calls),
        null);
  }

  private JobQueueHandle(
      Calls calls, QueueTransport transport, ResourceName name, Payloads<T> payloads, @Nullable Set<Integer> partitions) {
    this.calls = calls;
    this.transport = transport;
    this.name = name;
    this.payloads = payloads;
    this.leasing = new Leasing(calls, transport, name, partitions);
  }

  @Override
  public ResourceName name() {
    return name;
  }

  /** Whether it belongs to the client of these calls. */
  public boolean isOf(Calls client) {
    return calls == client;
  }

  @Override
  public JobQueue<T> partitions(Set<Integer> partitions) {
    try {
      calls.checks().require(Capability.JOB_PARTITIONS);
      Set<Integer> only = Set.copyOf(Checks.present("set of partitions", partitions));
      if (only.isEmpty() || only.stream().anyMatch(partition -> partition < 0)) {
        throw InvalidRequestException.of("the partitions " + only, "Name at least one; numbering starts at 0");
      }
      return new JobQueueHandle<>(calls, transport.ofPartitions(only), name, payloads, only);
    } catch (TributaryException refused) {
      throw leasing.located("partitions", refused);
    }
  }

  @Override
  public CompletableFuture<EnqueueResult> enqueue(NewJob<T> job) {
    return calls.checked(
        "enqueue",
        name,
        () -> {
          NewJob<byte[]> encoded = encode(job, calls.numbering());
          Observation sending = leasing.observations().enqueuing(List.of(encoded));
          List<NewJob<byte[]>> one = linked(List.of(encoded), sending);
          return calls.batch(
              "enqueue",
              name,
              repeat(one),
              sending,
              calls.deadline(),
              size(one.get(0)),
              1,
              deadline -> transport.enqueue(name, one, false, deadline),
              leasing.observations().stored(sending));
        });
  }

  @Override
  public CompletableFuture<List<EnqueueResult>> enqueueAll(List<NewJob<T>> jobs) {
    return calls.checked(
        "enqueue",
        name,
        () -> {
          List<NewJob<byte[]>> encoded = encodeAll(jobs);
          if (encoded.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
          }
          Observation sending = leasing.observations().enqueuing(encoded);
          List<NewJob<byte[]>> all = linked(encoded, sending);
          return Batch.send(
              calls,
              "enqueue",
              name,
              repeat(all),
              sending,
              all,
              JobQueueHandle::size,
              (part, deadline) -> transport.enqueue(name, part, false, deadline));
        });
  }

  @Override
  public CompletableFuture<List<EnqueueResult>> enqueueAtomically(List<NewJob<T>> jobs) {
    return calls.checked(
        "enqueue",
        name,
        () -> {
          calls.checks().require(Capability.ATOMIC_ENQUEUE);
          List<NewJob<byte[]>> encoded = encodeAll(jobs);
          if (encoded.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
          }
          fitOneCall(encoded);
          Observation sending = leasing.observations().enqueuing(encoded);
          List<NewJob<byte[]>> all = linked(encoded, sending);
          return calls.batch(
              "enqueue",
              name,
              repeat(all),
              sending,
              calls.deadline(),
              size(all),
              all.size(),
              deadline -> transport.enqueue(name, all, true, deadline),
              outcomes -> outcomes.stream().map(outcome -> outcome.orThrow()).toList());
        });
  }

  private void fitOneCall(List<NewJob<byte[]>> jobs) {
    Limits limits = calls.checks().limits();
    long bytes = size(jobs);
    if (jobs.size() > limits.maxBatch() || bytes > limits.maxBatchBytes()) {
      throw new PayloadTooLargeException(
          ErrorInfo.of(
              jobs.size() + " jobs of " + bytes + " bytes do not fit into one call, which takes " + limits.maxBatch() + " jobs and "
                  + limits.maxBatchBytes() + " bytes",
              "Use fewer jobs, or enqueueAll if some may be stored without the others"));
    }
  }

  private List<NewJob<byte[]>> encodeAll(List<NewJob<T>> jobs) {
    List<NewJob<byte[]>> encoded = new ArrayList<>(Checks.present("list of jobs", jobs).size());
    for (NewJob<T> job : jobs) {
      encoded.add(encode(job, calls.numbering()));
    }
    return encoded;
  }

  /**
   * The job as the transport gets it.
   *
   * @throws TributaryException if the backend could not keep it
   */
  public NewJob<byte[]> encode(@Nullable NewJob<T> given) {
    return encode(given, null);
  }

  /** With a number of the client's where it has none of its own, if there is a numbering. */
  private NewJob<byte[]> encode(@Nullable NewJob<T> given, @Nullable Numbering numbering) {
    NewJob<T> job = Checks.present("job", given);
    byte[] value = payloads.encode(job.value());
    NewJob.Builder<byte[]> encoded = NewJob.builder(value);
    Checks checks = calls.checks();
    if (!job.headers().isEmpty()) {
      checks.require(Capability.JOB_HEADERS);
      Checks.headers(job.headers());
      encoded.headers(job.headers());
    }
    Duration delay = job.notBefore() == null ? job.delay() : Duration.between(calls.time().now(), job.notBefore());
    if (delay != null && !delay.isNegative() && !delay.isZero()) {
      checks.require(Capability.JOB_DELAY);
      encoded.delay(checks.delay(delay));
    }
    if (job.priority() != 0) {
      checks.require(Capability.JOB_PRIORITY);
      encoded.priority(job.priority());
    }
    if (job.deduplicationId() != null) {
      checks.require(Capability.JOB_DEDUPLICATION);
      encoded.deduplicationId(Checks.notEmpty("deduplication id", job.deduplicationId()));
    } else if (job.producerSequence() != null) {
      checks.require(Capability.PRODUCER_SEQUENCES);
      encoded.producerSequence(job.producerSequence());
    }
    if (job.partitionKey() != null) {
      checks.require(Capability.JOB_PARTITION_KEY);
      encoded.partitionKey(Checks.notEmpty("partition key", job.partitionKey()));
    }
    if (job.ttl() != null) {
      checks.require(Capability.JOB_TTL);
      encoded.ttl(checks.ttl(job.ttl()));
    }
    if (job.maxAttempts().isPresent()) {
      checks.require(Capability.JOB_MAX_ATTEMPTS);
      encoded.maxAttempts(job.maxAttempts().getAsInt());
    }
    checks.fitsOneCall("job", Payloads.size(value, job.headers()));
    if (numbering != null && job.deduplicationId() == null && job.producerSequence() == null) {
      // Last, because a number of what is refused would be missing.
      encoded.producerSequence(numbering.next(name));
    }
    return encoded.build();
  }

  /** With a deduplication id or a number each, they may be sent again: the backend keeps one. */
  private static Calls.Repeat repeat(List<NewJob<byte[]>> jobs) {
    for (NewJob<byte[]> job : jobs) {
      if (job.deduplicationId() == null && job.producerSequence() == null) {
        return Calls.Repeat.UNLESS_APPLIED;
      }
    }
    return Calls.Repeat.SAFE;
  }

  private static long size(List<NewJob<byte[]>> jobs) {
    return jobs.stream().mapToLong(JobQueueHandle::size).sum();
  }

  private static int size(NewJob<byte[]> job) {
    return Payloads.size(job.value(), job.headers());
  }

  /** With the headers by which a receiver finds the operation that sent them, where the backend keeps headers. */
  private List<NewJob<byte[]>> linked(List<NewJob<byte[]>> jobs, Observation sending) {
    Map<String, String> headers = sending.headers();
    return headers.isEmpty() || !calls.checks().has(Capability.JOB_HEADERS)
        ? jobs
        : jobs.stream().map(job -> job.withHeaders(headers)).toList();
  }

  @Override
  public CompletableFuture<Optional<Job<T>>> reserve(ReserveOptions options) {
    return take("reserve", 1, options, jobs -> jobs.isEmpty() ? Optional.empty() : Optional.of(jobs.get(0)));
  }

  @Override
  public CompletableFuture<List<Job<T>>> receive(int max, ReserveOptions options) {
    return take("receive", max, options, Collections::unmodifiableList);
  }

  private <R> CompletableFuture<R> take(
      String operation, int max, ReserveOptions options, Function<List<Delivery<T>>, R> convert) {
    return calls.checked(
        operation,
        name,
        () -> {
          Checks.present("options", options);
          int count = Math.min(Checks.atLeastOne("max", max), calls.checks().limits().maxReceive());
          Duration lease = calls.checks().lease(options.lease());
          return leasing.receive(
              calls,
              operation,
              leasing.handover(),
              () -> count,
              lease,
              options.maxWait(),
              Calls.Repeat.UNLESS_APPLIED,
              jobs -> convert.apply(handOver(jobs)));
        });
  }

  /** The jobs for the application. One that cannot be decoded is not among them. */
  private List<Delivery<T>> handOver(List<LeasedJob> jobs) {
    List<Delivery<T>> deliveries = new ArrayList<>(jobs.size());
    for (LeasedJob job : jobs) {
      try {
        deliveries.add(new Delivery<T>(leasing, job).decode(payloads));
      } catch (TributaryException undecodable) {
        leasing.refuse(job, undecodable);
      }
    }
    leasing.observations().handedOver(deliveries);
    return deliveries;
  }

  @Override
  public Flow.Publisher<Job<T>> jobs(JobsOptions options) {
    Checks.present("options", options);
    Duration lease = calls.checks().lease(options.lease());
    boolean renew = options.renew() && calls.checks().has(Capability.LEASE_EXTENSION);
    Renewal renewal = renew ? new Renewal(calls.time(), lease, options.maxLease(), calls.checks().limits().maxExtensions(), (job, lost) -> {}) : null;
    return SourcePublisher.<Delivery<T>, Job<T>>onDemand(
        calls,
        "jobs",
        name,
        observer -> new DecodingSource<>(leasing, payloads, lease, observer),
        job -> {
          leasing.observations().handedOver(job);
          if (renewal != null) {
            renewal.add(job);
          }
          return job;
        },
        job -> leasing.giveBack(job.leased()),
        job -> Buffer.ITEM + Payloads.held(job.leased().value(), job.leased().headers()),
        Math.min(calls.config().prefetch(), calls.checks().limits().maxReceive()),
        options.onState());
  }

  @Override
  public Worker worker(WorkerOptions options, JobHandler<T> handler) {
    Checks.present("options", options);
    Checks.present("handler", handler);
    return WorkerHandle.start(leasing, payloads, options, handler);
  }

  @Override
  public Worker process(WorkerOptions options, BlockingHandler<? super Job<T>> handler) {
    return worker(options, Calls.<Job<T>>blocking(Checks.present("handler", handler))::apply);
  }

  @Override
  public CompletableFuture<List<PeekedJob<T>>> peek(int max) {
    return calls.checked(
        "peek",
        name,
        () -> {
          calls.checks().require(Capability.PEEK);
          int count = Math.min(Checks.atLeastOne("max", max), calls.checks().limits().maxReceive());
          return calls.call(
              "peek",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.peek(name, count, deadline),
              jobs -> jobs.stream().map(this::decode).toList());
        });
  }

  private PeekedJob<T> decode(PeekedJob<byte[]> job) {
    try {
      return job.withValue(payloads.decode(job.value(), "job", job.id()));
    } catch (UndecodableException why) {
      return job.withoutValue(why.at(calls.transport().backend(), "peek", name.toString()));
    }
  }

  @Override
  public CompletableFuture<QueueStats> stats() {
    return calls.call("stats", name, Calls.Repeat.SAFE, deadline -> transport.stats(name, deadline));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy() {
    return calls.checked(
        "get redelivery policy",
        name,
        () -> {
          calls.checks().require(Capability.REDELIVERY_POLICY);
          return calls.call(
              "get redelivery policy", name, Calls.Repeat.SAFE, deadline -> transport.redeliveryPolicy(name, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(RedeliveryPolicy policy) {
    return calls.checked(
        "set redelivery policy",
        name,
        () -> {
          Checks.present("policy", policy);
          calls.checks().require(Capability.REDELIVERY_POLICY);
          return calls.call(
              "set redelivery policy",
              name,
              Calls.Repeat.SAFE,
              deadline -> transport.setRedeliveryPolicy(name, policy, deadline));
        });
  }

  @Override
  public DeadLetters<T> deadLetters() {
    return new DeadLettersHandle<>(transport::deadLetters, calls, name, payloads, Capability.DEAD_LETTERS);
  }

  @Override
  public CompletableFuture<Void> purge() {
    return calls.checked(
        "purge",
        name,
        () -> {
          calls.checks().require(Capability.PURGE);
          // Again, it would also drop what came in between.
          return calls.call("purge", name, Calls.Repeat.UNLESS_APPLIED, deadline -> transport.purge(name, deadline));
        });
  }
}
