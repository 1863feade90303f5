package dev.tributary.internal.queue;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Reason;
import dev.tributary.observe.Observation;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A slot of a worker that is taken, from the lease of its job to the confirmed settlement. Whatever code of the user throws on the way is an
 * outcome of this job and of no other.
 */
final class WorkerTask<T> implements Runnable {
  private static final Logger LOG = System.getLogger("dev.tributary.worker");

  /** The task whose handler is being called on a thread, and those around it. */
  private static final ThreadLocal<@Nullable WorkerTask<?>> CALLING = new ThreadLocal<>();

  private final WorkerHandle<T> worker;
  private final Leasing leasing;
  private final Delivery<T> job;
  /** Begun, or given back before: whoever comes first. */
  private final AtomicBoolean begun = new AtomicBoolean();
  private final AtomicBoolean handled = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile boolean unwaited;
  private @Nullable WorkerTask<?> outer;

  WorkerTask(WorkerHandle<T> worker, LeasedJob leased) {
    this.worker = worker;
    this.leasing = worker.leasing();
    this.job = new Delivery<>(leasing, leased);
  }

  /** If this thread calls handlers of the worker: closing it must not wait for them. */
  static void closedFromWithin(WorkerHandle<?> worker) {
    for (WorkerTask<?> task = CALLING.get(); task != null; task = task.outer) {
      if (task.worker == worker) {
        task.unwaited = true;
      }
    }
  }

  Delivery<T> job() {
    return job;
  }

  /** Whether a close waits for it. */
  boolean awaited() {
    return !unwaited;
  }

  void submit() {
    Executor own = worker.options().executor();
    try {
      // An executor of the user's is user code too: it may block, or run what it is given at once.
      leasing.calls().handlers().execute(own == null ? this : () -> submit(own));
      if (own == null) {
        worker.accepted();
      }
    } catch (Throwable thrown) {
      refused(thrown);
    }
  }

  private void submit(Executor own) {
    try {
      own.execute(this);
      worker.accepted();
    } catch (Throwable thrown) {
      refused(thrown);
    }
  }

  /** The executor takes no more, or is broken: nobody tried the job. */
  private void refused(Throwable why) {
    if (begun.compareAndSet(false, true)) {
      LOG.log(Level.DEBUG, "the executor of the worker of " + leasing.queue() + " did not take job " + job.id(), why);
      settle(Settlement.Kind.RELEASE, null, null, true);
    } else {
      LOG.log(Level.WARNING, "the executor of the worker of " + leasing.queue() + " threw after it ran job " + job.id(), why);
    }
  }

  @Override
  public void run() {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    if (worker.closing()) {
      settle(Settlement.Kind.RELEASE, null, null, false);
      return;
    }
    try {
      job.decode(worker.payloads());
    } catch (TributaryException undecodable) {
      leasing.refuse(job.leased(), undecodable).thenAccept(this::undecodable);
      return;
    }
    Observation processing = Observation.NONE;
    try {
      leasing.observations().handedOver(job);
      processing = leasing.observations().processing(job.leased());
      Observation seen = processing;
      call(processing).whenComplete((done, error) -> handled(seen, error));
    } catch (Throwable thrown) {
      if (thrown instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      handled(processing, thrown);
    }
  }

  private CompletionStage<?> call(Observation processing) throws Exception {
    outer = CALLING.get();
    CALLING.set(this);
    try {
      CompletionStage<?> stage;
      Observation.Scope scope = processing.makeCurrent();
      try {
        stage = worker.handler().handle(job);
      } finally {
        scope.close();
      }
      if (stage == null) {
        throw InvalidRequestException.of("the handler returned null", "Return a completed future if there is nothing to wait for");
      }
      return stage;
    } finally {
      if (outer == null) {
        CALLING.remove();
      } else {
        CALLING.set(outer);
      }
    }
  }

  private void undecodable(boolean deadLettered) {
    if (over.compareAndSet(false, true)) {
      worker.settled(deadLettered ? Settlement.Kind.REJECT : Settlement.Kind.NACK, job, deadLettered, null);
      worker.free(this, false);
    }
  }

  /** The handler is through. What it did to the job itself counts; else its outcome does. */
  private void handled(Observation processing, @Nullable Throwable error) {
    if (!handled.compareAndSet(false, true)) {
      return;
    }
    try {
      processing.end(error);
    } catch (Throwable thrown) {
      LOG.log(Level.WARNING, "the instrumentation threw", thrown);
    }
    if (error == null) {
      settle(Settlement.Kind.ACK, null, null, false);
    } else {
      worker.failed();
      Throwable why = Steps.unwrap(error);
      String what = "the handler of job " + job.id() + " of " + leasing.queue() + " failed at attempt " + job.attempt();
      LOG.log(Level.DEBUG, what, why);
      // What the handler settled before it threw, it knows of.
      if (job.settlement() == null && worker.firstFailure()) {
        LOG.log(Level.WARNING, what + " (" + Reason.of(why) + "); its worker says so once, and the rest and all stacks at DEBUG");
      }
      settle(Settlement.Kind.NACK, backoff(why), Reason.of(why), false);
    }
  }

  private @Nullable Duration backoff(Throwable why) {
    if (worker.options().backoff() == null || job.settlement() != null) {
      return null;
    }
    Duration longest = leasing.checks().limits().maxDelay();
    try {
      Duration delay = Objects.requireNonNull(worker.options().backoff().delay(job.attempt(), why), "the backoff returned null");
      return delay.isNegative() ? Duration.ZERO : delay.compareTo(longest) > 0 ? longest : leasing.checks().delay(delay);
    } catch (Throwable thrown) {
      LOG.log(Level.WARNING, "the backoff of the worker of " + leasing.queue() + " threw; the queue's policy is used", thrown);
      return null;
    }
  }

  /** Settles the job, unless it is being settled: then by that. The slot is free when that is done, however. */
  private void settle(Settlement.Kind kind, @Nullable Duration duration, @Nullable String reason, boolean refused) {
    Delivery<T>.Verb verb = job.settle(kind, duration, reason);
    verb.done()
        .whenComplete(
            (done, error) -> {
              if (over.compareAndSet(false, true)) {
                worker.settled(verb.kind, job, done != null && (done.deadLettered() || verb.kind == Settlement.Kind.REJECT), error);
                worker.free(this, refused);
              }
            });
  }

  /** The worker closes: nobody begins this one any more, if nobody did. */
  void giveBackIfNotBegun() {
    if (begun.compareAndSet(false, true)) {
      settle(Settlement.Kind.RELEASE, null, null, false);
    }
  }

  /** The time to drain is over. The job's run was cut by us, so that it is no failed attempt. */
  void giveBack() {
    settle(Settlement.Kind.RELEASE, null, null, false);
  }

  /** Nobody waits for it any more. */
  void letGo() {
    over.set(true);
    job.stopRenewal();
  }
}
