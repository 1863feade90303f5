package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Checks;
import dev.tributary.internal.Open;
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

/** Leases of one queue: taking jobs, settling them, giving back what nobody wants. */
final class Leasing {
  private static final Logger LOG = System.getLogger("dev.tributary.queue");

  /** Longer waits are cut to this: beyond it, nanoseconds overflow. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private final Calls calls;
  private final QueueTransport transport;
  private final ResourceName queue;
  private final Settler settler;
  private final JobObservations observations;
  private final Set<CompletableFuture<?>> givingBack = ConcurrentHashMap.newKeySet();

  Leasing(Calls calls, QueueTransport transport, ResourceName queue) {
    this.calls = calls;
    this.transport = transport;
    this.queue = queue;
    this.settler = new Settler(transport, queue, calls.checks().limits().maxBatch());
    this.observations = new JobObservations(calls, queue);
  }

  Calls calls() {
    return calls;
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

  /**
   * Takes jobs.
   *
   * @param max how many at most; asked again whenever the backend is asked
   * @param lease as the backend wants it
   * @param convert what the caller gets
   */
  <R> CompletableFuture<R> receive(
      String operation,
      IntSupplier max,
      Duration lease,
      Duration maxWait,
      Calls.Repeat repeat,
      Function<List<LeasedJob>, R> convert) {
    Duration wait = maxWait.compareTo(LONGEST_WAIT) < 0 ? maxWait : LONGEST_WAIT;
    Reception reception = new Reception(this, max, lease, wait);
    Open.Closer closer = within -> reception.close();
    boolean waits = !wait.isZero();
    if (waits && !calls.open().add(closer)) {
      return CompletableFuture.failedFuture(located(operation, calls.closedError()));
    }
    CompletableFuture<R> call =
        calls.call(
            operation,
            queue,
            repeat,
            Observation.NONE,
            calls.deadline(wait),
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

  /** A source of jobs: the backend's own where it pushes. */
  Source open(Duration lease, SourceObserver<LeasedJob> observer) {
    return transport instanceof PushQueueTransport push
        ? push.open(queue, lease, observer)
        : new PollingSource(this, lease, observer);
  }

  /** Says where an error happened. */
  TributaryException located(String operation, TributaryException error) {
    return error.at(calls.transport().backend(), operation, queue.toString());
  }

  /** Gives a job back that was not handed over. If that fails, it comes back when its lease ends. */
  void giveBack(LeasedJob job) {
    Settlement nack = new Settlement(Settlement.Kind.NACK, job, Duration.ZERO, null);
    track(calls.call("nack", queue, Calls.Repeat.UNLESS_APPLIED, deadline -> settler.settle(nack, deadline)))
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "job " + job.id() + " of " + queue + " comes back only when its lease ends", error);
              }
            });
  }

  /**
   * The payload cannot be decoded, and trying again would not change that: makes it a dead letter, where the backend keeps them,
   * else gives it back.
   *
   * @return completes when that is done, however
   */
  CompletableFuture<Boolean> refuse(LeasedJob job, RuntimeException why) {
    boolean keep = checks().has(Capability.DEAD_LETTERS);
    LOG.log(
        Level.WARNING,
        "job " + job.id() + " of " + queue + " cannot be decoded and " + (keep ? "becomes a dead letter" : "is given back"),
        why);
    if (!keep) {
      giveBack(job);
      return CompletableFuture.completedFuture(false);
    }
    Settlement reject = new Settlement(Settlement.Kind.REJECT, job, null, Delivery.reason(why));
    return track(calls.call("reject", queue, Calls.Repeat.SAFE, deadline -> settler.settle(reject, deadline)))
        .handle((done, error) -> error == null);
  }

  private <R> CompletableFuture<R> track(CompletableFuture<R> call) {
    givingBack.add(call);
    call.whenComplete((done, error) -> givingBack.remove(call));
    return call;
  }

  /** Completes when nothing is being given back any more. */
  CompletableFuture<Void> givenBack() {
    return CompletableFuture.allOf(givingBack.toArray(CompletableFuture[]::new)).handle((done, error) -> null);
  }
}
