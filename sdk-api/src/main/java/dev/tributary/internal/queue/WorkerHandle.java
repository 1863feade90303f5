package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Faults;
import dev.tributary.internal.Open;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.StateListener;
import dev.tributary.observe.Observation;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A worker. It has as many slots as its concurrency; a free slot is a unit of demand at the source, a taken one is a {@link Task},
 * from the lease of its job to the confirmed settlement. So there are never more leased jobs than slots.
 *
 * <p>A handler that never finishes keeps its slot, because otherwise more handlers than the concurrency would run; its lease is
 * renewed up to the cap, and then another consumer gets the job.
 */
final class WorkerHandle<T> implements Worker, SourceObserver<LeasedJob> {
  private static final Logger LOG = System.getLogger("dev.tributary.worker");

  private final Leasing leasing;
  private final Payloads<T> payloads;
  private final WorkerOptions options;
  private final JobHandler<T> handler;
  private final Executor executor;
  private final @Nullable Renewal renewal;
  private final StateListener state;
  private final Open.Closer closer = this::closeAsync;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final Set<Task> tasks = ConcurrentHashMap.newKeySet();
  private final LongAdder acked = new LongAdder();
  private final LongAdder nacked = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder leasesLost = new LongAdder();
  private volatile @Nullable Source source;
  private volatile boolean sourceEnded;
  private volatile @Nullable TributaryException failure;
  private volatile TimeSource.@Nullable Timer drainTimer;

  private WorkerHandle(
      Leasing leasing, Payloads<T> payloads, WorkerOptions options, JobHandler<T> handler, @Nullable Duration renewed) {
    this.leasing = leasing;
    this.payloads = payloads;
    this.options = options;
    this.handler = handler;
    Executor own = options.executor();
    this.executor = own == null ? leasing.calls()::callback : own;
    this.renewal =
        renewed == null
            ? null
            : new Renewal(
                leasing.time(), renewed, options.maxLease(), leasing.checks().limits().maxExtensions(), this::renewalFailed);
    this.state = new StateListener(leasing.calls(), options.onState());
  }

  /**
   * Starts one.
   *
   * @throws TributaryException if the lease is out of bounds or the client is closed
   */
  static <T> Worker start(Leasing leasing, Payloads<T> payloads, WorkerOptions options, JobHandler<T> handler) {
    Duration lease = leasing.checks().lease(options.lease());
    boolean renew = options.renew() && leasing.checks().has(Capability.LEASE_EXTENSION);
    WorkerHandle<T> worker = new WorkerHandle<>(leasing, payloads, options, handler, renew ? lease : null);
    if (!leasing.calls().open().add(worker.closer)) {
      throw leasing.located("worker", leasing.calls().closedError());
    }
    Source source = leasing.open(lease, worker);
    worker.source = source;
    if (worker.draining.get()) {
      source.close();
    } else {
      source.request(options.concurrency());
    }
    return worker;
  }

  @Override
  public SubscriptionState state() {
    return state.current();
  }

  @Override
  public Stats stats() {
    return new Stats(tasks.size(), acked.sum(), nacked.sum(), rejected.sum(), leasesLost.sum());
  }

  @Override
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    drain();
    // An error it ended with is said by ended(); closing has done its part.
    return ended.handle((done, error) -> null);
  }

  // What the source says.

  @Override
  public void onItem(LeasedJob job) {
    Task task = new Task(job);
    tasks.add(task);
    task.submit();
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    if (error != null && !draining.get()) {
      failure = leasing.located("worker", error);
      LOG.log(Level.ERROR, "the worker of " + leasing.queue() + " ends, because it cannot take jobs any more", error);
    }
    sourceEnded = true;
    drain();
    endIfDone();
  }

  /** Takes no more jobs, and waits for those it has. */
  private void drain() {
    if (!draining.compareAndSet(false, true)) {
      return;
    }
    Source opened = source;
    if (opened != null) {
      opened.close();
    }
    if (!sourceEnded || !tasks.isEmpty()) {
      drainTimer = leasing.time().schedule(drainTimeout(), this::giveUp);
    }
    endIfDone();
  }

  private Duration drainTimeout() {
    Duration own = options.drainTimeout();
    return own == null ? CLOSE_TIMEOUT.multipliedBy(4).dividedBy(5) : own;
  }

  private void giveUp() {
    tasks.forEach(Task::abandon);
  }

  private void endIfDone() {
    if (!draining.get() || !sourceEnded || !tasks.isEmpty() || !ending.compareAndSet(false, true)) {
      return;
    }
    TimeSource.Timer waiting = drainTimer;
    if (waiting != null) {
      waiting.cancel();
    }
    leasing
        .givenBack()
        .whenComplete(
            (done, never) -> {
              leasing.calls().open().remove(closer);
              state.change(SubscriptionState.CLOSED);
              TributaryException why = failure;
              leasing
                  .calls()
                  .callback(
                      () -> {
                        if (why == null) {
                          ended.complete(null);
                        } else {
                          ended.completeExceptionally(why);
                        }
                      });
            });
  }

  private void renewalFailed(Delivery<?> job) {
    leasesLost.increment();
    LOG.log(Level.WARNING, "the lease of job " + job.id() + " of " + leasing.queue() + " was lost while it was being handled");
  }

  /** A slot that is taken. */
  private final class Task implements Runnable {
    private final Delivery<T> job;
    private final AtomicBoolean over = new AtomicBoolean();

    Task(LeasedJob leased) {
      this.job = new Delivery<>(leasing, leased);
    }

    void submit() {
      if (renewal != null) {
        renewal.add(job);
      }
      try {
        executor.execute(this);
      } catch (RejectedExecutionException full) {
        handled(full);
      }
    }

    @Override
    public void run() {
      if (draining.get()) {
        // Taken but not begun: there is no handler to wait for.
        abandon();
        return;
      }
      try {
        job.decode(payloads);
      } catch (TributaryException undecodable) {
        leasing.refuse(job.leased(), undecodable).thenAccept(this::refused);
        return;
      }
      leasing.observations().handedOver(job);
      Observation processing = leasing.observations().processing(job.leased());
      Observation.Scope scope = processing.makeCurrent();
      try {
        CompletionStage<?> stage = handler.handle(job);
        if (stage == null) {
          throw InvalidRequestException.of("the handler returned null", "Return a completed future if there is nothing to wait for");
        }
        stage.whenComplete(
            (done, error) -> {
              processing.end(error);
              handled(error);
            });
      } catch (Throwable thrown) {
        if (thrown instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        processing.end(thrown);
        handled(thrown);
      } finally {
        scope.close();
      }
    }

    private void refused(boolean deadLettered) {
      if (over.compareAndSet(false, true)) {
        (deadLettered ? rejected : nacked).increment();
        finish();
      }
    }

    /** The handler is through. What it did to the job itself counts; else its outcome does. */
    private void handled(@Nullable Throwable error) {
      Delivery<T>.Verb<?> settling = job.settlement();
      if (settling != null) {
        settled(settling, settling.kind);
      } else if (error == null) {
        settled(job.ack(), Settlement.Kind.ACK);
      } else {
        Throwable why = Faults.unwrap(error);
        LOG.log(Level.DEBUG, "the handler of job " + job.id() + " of " + leasing.queue() + " failed", why);
        settled(job.nack(backoff(why), Delivery.reason(why)), Settlement.Kind.NACK);
      }
    }

    private @Nullable Duration backoff(Throwable why) {
      WorkerOptions.Backoff backoff = options.backoff();
      if (backoff == null) {
        return null;
      }
      Duration longest = leasing.checks().limits().maxDelay();
      try {
        Duration delay = Objects.requireNonNull(backoff.delay(job.attempt(), why), "the backoff returned null");
        return delay.isNegative() ? Duration.ZERO : delay.compareTo(longest) > 0 ? longest : delay;
      } catch (RuntimeException thrown) {
        LOG.log(Level.WARNING, "the backoff of the worker of " + leasing.queue() + " threw; the queue's policy is used", thrown);
        return null;
      }
    }

    private void settled(CompletableFuture<?> settlement, Settlement.Kind kind) {
      settlement.whenComplete(
          (done, error) -> {
            if (over.compareAndSet(false, true)) {
              count(kind, error);
              finish();
            }
          });
    }

    private void count(Settlement.Kind kind, @Nullable Throwable error) {
      if (error == null) {
        switch (kind) {
          case ACK -> acked.increment();
          case NACK -> nacked.increment();
          case REJECT -> rejected.increment();
          case RELEASE -> {}
          case EXTEND -> throw new IllegalStateException("an extension settles nothing");
        }
      } else if (error instanceof LeaseLostException) {
        if (!job.knownLost()) {
          leasesLost.increment();
        }
      } else {
        LOG.log(
            Level.WARNING, "job " + job.id() + " of " + leasing.queue() + " could not be settled; it comes back when its lease ends", error);
      }
    }

    /** The time to drain is over, or it was not begun: gives the job back, unless it is being settled. */
    void abandon() {
      Delivery<T>.Verb<?> settling = job.settlement();
      if (settling == null) {
        settled(job.nack(Duration.ZERO, "the worker was closed"), Settlement.Kind.NACK);
      } else {
        settled(settling, settling.kind);
      }
    }

    private void finish() {
      job.stopRenewal();
      tasks.remove(this);
      Source opened = source;
      if (draining.get()) {
        endIfDone();
      } else if (opened != null) {
        opened.request(1);
      }
    }
  }
}
