package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Open;
import dev.tributary.internal.Reason;
import dev.tributary.observe.Observation;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Leases of one queue: taking jobs, settling them, giving back what nobody wants. */
final class Leasing {
  private static final Logger LOG = System.getLogger("dev.tributary.queue");

  private final Calls calls;
  private final Calls steps;
  private final QueueTransport transport;
  private final ResourceName queue;
  private final @Nullable Set<Integer> partitions;
  /** Where what was not tried goes; null if the backend itself can say so. */
  private final @Nullable Handover handover;
  private final Burst undecodables;
  private final Settler settler;
  private final JobObservations observations;
  private final Set<CompletableFuture<?>> givingBack = ConcurrentHashMap.newKeySet();

  /**
   * Of this queue.
   *
   * @param partitions those that jobs are taken of; null for all
   */
  Leasing(Calls calls, QueueTransport transport, ResourceName queue, @Nullable Set<Integer> partitions) {
    this.calls = calls;
    this.steps = calls.steps();
    this.transport = transport;
    this.queue = queue;
    this.partitions = partitions;
    this.handover = calls.checks().has(Capability.JOB_RELEASE) ? null : calls.handover();
    this.undecodables = new Burst(LOG, calls.time());
    this.settler = new Settler(transport, queue, calls.checks().limits().maxBatch());
    this.observations = new JobObservations(calls, queue);
  }

  Calls calls() {
    return calls;
  }

  /** For what is not waited for by a user: see {@link Calls#steps}. */
  Calls steps() {
    return steps;
  }

  QueueTransport transport() {
    return transport;
  }

  ResourceName queue() {
    return queue;
  }

  Checks checks() {
    return calls.checks();
  }

  Settler settler() {
    return settler;
  }

  JobObservations observations() {
    return observations;
  }

  TimeSource time() {
    return calls.time();
  }

  @Nullable Handover handover() {
    return handover;
  }

  /** Whether jobs of this partition are taken. */
  boolean covers(int partition) {
    return partitions == null || partitions.contains(partition);
  }

  /**
   * Takes jobs.
   *
   * @param client whose futures they are: the users' or the steps of the SDK
   * @param shared where else jobs come from; null for the backend alone
   * @param max how many at most; asked again whenever the backend is asked
   * @param lease as the backend wants it
   * @param convert what the caller gets
   */
  <R> CompletableFuture<R> receive(
      Calls client,
      String operation,
      @Nullable Handover shared,
      IntSupplier max,
      Duration lease,
      Duration maxWait,
      Calls.Repeat repeat,
      Function<List<LeasedJob>, R> convert) {
    Reception reception = new Reception(this, shared, max, lease, maxWait);
    Open.Closer closer = within -> reception.close();
    boolean waits = !maxWait.isZero();
    if (waits && !calls.open().add(closer)) {
      return CompletableFuture.failedFuture(located(operation, calls.closedError()));
    }
    CompletableFuture<R> call =
        client.call(
            operation,
            queue,
            repeat,
            Observation.NONE,
            calls.deadline(maxWait),
            reception::begin,
            jobs -> reception.handOver(convert.apply(jobs)));
    call.whenComplete(
        (done, error) -> {
          if (waits) {
            calls.open().remove(closer);
          }
          if (error != null) {
            observations.notReceived(error);
          }
          if (error != null || !reception.handedOver(done)) {
            reception.abandon();
          }
        });
    return call;
  }

  /** A source of jobs. */
  Source open(Duration lease, SourceObserver<LeasedJob> observer) {
    return handover == null ? openAtBackend(lease, observer) : new SharingSource(this, handover, lease, observer);
  }

  /** The backend's own where it pushes. */
  Source openAtBackend(Duration lease, SourceObserver<LeasedJob> observer) {
    return transport instanceof PushQueueTransport push
        ? push.open(queue, lease, observer)
        : new PollingSource(this, lease, observer);
  }

  /** Says where an error happened. */
  TributaryException located(String operation, TributaryException error) {
    return error.at(calls.transport().backend(), operation, queue.toString());
  }

  /** Gives a job back that nobody tried. If that fails, it comes back when its lease ends. */
  void giveBack(LeasedJob job) {
    if (handover == null || !handover.hold(this, job)) {
      sendBack(job);
    }
  }

  /**
   * Gives it back to the backend.
   *
   * @return completes when that is done, however
   */
  CompletableFuture<Void> sendBack(LeasedJob job) {
    Settlement release = new Settlement(Settlement.Kind.RELEASE, job, null, null);
    return track(steps.call("release", queue, repeat(Settlement.Kind.RELEASE), deadline -> settler.settle(release, deadline)))
        .handle(
            (done, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "job " + job.id() + " of " + queue + " comes back only when its lease ends", error);
              }
              return null;
            });
  }

  /** Whether a settlement may be made again. Where a release is a nack, it counts an attempt each time. */
  Calls.Repeat repeat(Settlement.Kind kind) {
    return kind == Settlement.Kind.NACK || kind == Settlement.Kind.RELEASE && handover != null
        ? Calls.Repeat.UNLESS_APPLIED
        : Calls.Repeat.SAFE;
  }

  /**
   * The payload cannot be decoded, and trying again would not change that: makes it a dead letter, where the backend keeps them,
   * else gives it back.
   *
   * @return completes when that is done, however
   */
  CompletableFuture<Boolean> refuse(LeasedJob job, RuntimeException why) {
    boolean keep = checks().has(Capability.DEAD_LETTERS);
    undecodables.warn("job " + job.id() + " of " + queue + " cannot be decoded and " + (keep ? "becomes a dead letter" : "is nacked"), why);
    Settlement.Kind kind = keep ? Settlement.Kind.REJECT : Settlement.Kind.NACK;
    Settlement refusal = new Settlement(kind, job, null, Reason.of(why));
    return track(steps.call(keep ? "reject" : "nack", queue, repeat(kind), deadline -> settler.settle(refusal, deadline)))
        .handle((done, error) -> keep && error == null);
  }

  /** Says that nobody will be given this job any more. */
  void deadLettered(LeasedJob job, @Nullable String why) {
    LOG.log(
        Level.WARNING, "job " + job.id() + " of " + queue + " became a dead letter at attempt " + job.attempt() + (why == null ? "" : " (" + why + ")"));
  }

  private <R> CompletableFuture<R> track(CompletableFuture<R> call) {
    givingBack.add(call);
    call.whenComplete((done, error) -> givingBack.remove(call));
    return call;
  }

  /** Completes, on the thread that has the last answer, when nothing is being given back any more. */
  CompletableFuture<Void> givenBack() {
    return CompletableFuture.allOf(givingBack.toArray(CompletableFuture[]::new)).handle((done, error) -> null);
  }
}
