package dev.tributary.internal.queue;

import dev.tributary.Capability;
import dev.tributary.SubscriptionState;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Closing;
import dev.tributary.internal.Open;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.StateListener;
import dev.tributary.queue.JobHandler;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker. It has as many slots as its concurrency; a free slot is a unit of demand at the source, a taken one is a {@link WorkerTask},
 * from the lease of its job to the confirmed settlement. So there are never more leased jobs than slots.
 *
 * <p>A handler that never finishes keeps its slot, because otherwise more handlers than the concurrency would run; its lease is
 * renewed up to the cap, and then another consumer gets the job.
 */
final class WorkerHandle<T> implements Worker, SourceObserver<LeasedJob> {
  private static final Logger LOG = System.getLogger("dev.tributary.worker");
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final int DOUBLINGS = 5;

  private final Leasing leasing;
  private final Payloads<T> payloads;
  private final WorkerOptions options;
  private final JobHandler<T> handler;
  private final @Nullable Renewal renewal;
  private final StateListener state;
  private final Burst unsettled;
  private final Burst lost;
  private final Open.Closer closer = this::closeWithClient;
  private final Closing closing;
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicBoolean failed = new AtomicBoolean();
  private final Set<WorkerTask<T>> tasks = ConcurrentHashMap.newKeySet();
  private final LongAdder acked = new LongAdder();
  private final LongAdder nacked = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder leasesLost = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private volatile @Nullable Source source;
  private volatile boolean sourceEnded;
  private volatile @Nullable TributaryException failure;

  // Slots for which the executor has no room. Written under the lock.
  private volatile int paused;
  private int refusals;
  private boolean probing;

  private WorkerHandle(
      Leasing leasing, Payloads<T> payloads, WorkerOptions options, JobHandler<T> handler, @Nullable Duration renewed) {
    this.leasing = leasing;
    this.payloads = payloads;
    this.options = options;
    this.handler = handler;
    this.unsettled = new Burst(LOG, leasing.time());
    this.lost = new Burst(LOG, leasing.time());
    this.renewal =
        renewed == null
            ? null
            : new Renewal(
                leasing.time(), renewed, options.maxLease(), leasing.checks().limits().maxExtensions(), this::renewalFailed);
    this.state = new StateListener(leasing.calls(), options.onState());
    this.closing = new Closing(leasing.calls(), "close", leasing.queue(), this::drain, this::unfinished, this::letGo);
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
    try {
      worker.open(leasing.open(lease, worker));
    } catch (Throwable thrown) {
      leasing.calls().open().remove(worker.closer);
      throw leasing.located("worker", Steps.known(thrown));
    }
    return worker;
  }

  private void open(Source opened) {
    source = opened;
    if (draining.get()) {
      opened.close();
    } else {
      opened.request(options.concurrency());
    }
  }

  Leasing leasing() {
    return leasing;
  }

  Payloads<T> payloads() {
    return payloads;
  }

  WorkerOptions options() {
    return options;
  }

  JobHandler<T> handler() {
    return handler;
  }

  /** Whether it begins nothing any more. */
  boolean closing() {
    return draining.get();
  }

  @Override
  public SubscriptionState state() {
    return state.current();
  }

  @Override
  public Stats stats() {
    return new Stats(tasks.size(), acked.sum(), nacked.sum(), rejected.sum(), leasesLost.sum(), failures.sum(), deadLettered.sum());
  }

  @Override
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  // What the source says.

  @Override
  public void onItem(LeasedJob job) {
    WorkerTask<T> task = new WorkerTask<>(this, job);
    tasks.add(task);
    if (renewal != null) {
      renewal.add(task.job());
    }
    if (draining.get()) {
      task.giveBackIfNotBegun();
    } else {
      task.submit();
    }
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    sourceEnded = true;
    // A client that closes says so to whoever asks it for jobs before it comes round to closing its workers.
    if (error != null && !(error instanceof ClientClosedException) && !draining.get()) {
      failure = leasing.located("worker", error);
      LOG.log(Level.ERROR, "the worker of " + leasing.queue() + " ends, because it cannot take jobs any more", error);
      closing.within(CLOSE_TIMEOUT);
    }
    stopTaking();
  }

  // What the tasks say.

  /** A job is settled, or the settlement failed. */
  void settled(Settlement.Kind kind, Delivery<T> job, boolean dead, @Nullable Throwable error) {
    if (error == null) {
      if (dead) {
        deadLettered.increment();
      }
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
      unsettled.warn("job " + job.id() + " of " + leasing.queue() + " could not be settled; it comes back when its lease ends", error);
    }
  }

  /** A handler failed. */
  void failed() {
    failures.increment();
  }

  /** Whether nobody was told of a failure before. */
  boolean firstFailure() {
    return failed.compareAndSet(false, true);
  }

  private void renewalFailed(Delivery<?> job, LeaseLostException why) {
    leasesLost.increment();
    lost.warn("the lease of job " + job.id() + " of " + leasing.queue() + " was lost while it was being handled", why);
  }

  /**
   * A slot is free.
   *
   * @param refused because the executor had no room for its job
   */
  void free(WorkerTask<T> task, boolean refused) {
    task.job().stopRenewal();
    tasks.remove(task);
    if (draining.get()) {
      endIfDone();
    } else if (refused) {
      pause();
    } else {
      request();
    }
  }

  private void request() {
    Source opened = source;
    if (opened != null && !draining.get()) {
      opened.request(1);
    }
  }

  /** Takes no job for this slot before the executor may have room. One slot finds out for all, less and less often. */
  private synchronized void pause() {
    paused++;
    if (!probing) {
      probing = true;
      Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(refusals++, DOUBLINGS));
      leasing.time().schedule(pause, this::probe);
    }
  }

  private void probe() {
    synchronized (this) {
      probing = false;
      if (paused == 0) {
        return;
      }
      paused--;
    }
    request();
  }

  /** The executor took a task: there may be room for another. */
  void accepted() {
    if (paused == 0) {
      return;
    }
    synchronized (this) {
      refusals = 0;
      if (paused == 0) {
        return;
      }
      paused--;
    }
    request();
  }

  // Closing.

  @Override
  public CompletableFuture<Void> closeAsync(Duration within) {
    return close(() -> closing.within(within));
  }

  private CompletableFuture<Void> closeWithClient(Duration within) {
    return close(() -> closing.step(within));
  }

  private CompletableFuture<Void> close(Supplier<CompletableFuture<Void>> begin) {
    WorkerTask.closedFromWithin(this);
    CompletableFuture<Void> closed = begin.get();
    // Perhaps a handler that closes its own worker was all that was waited for.
    endIfDone();
    return closed;
  }

  /** Takes no more jobs, gives back those that were not begun, and waits for the others: for most of the time, or as long as was said. */
  private CompletableFuture<Void> drain(Deadline end) {
    stopTaking();
    Duration most = end.remaining().dividedBy(5).multipliedBy(4);
    Duration own = options.drainTimeout();
    Duration drain = own != null && own.compareTo(end.remaining()) < 0 ? own : most;
    TimeSource.Timer giveUp = leasing.time().schedule(drain, () -> tasks.forEach(WorkerTask::giveBack));
    drained.whenComplete((done, never) -> giveUp.cancel());
    return drained;
  }

  private void stopTaking() {
    if (draining.compareAndSet(false, true)) {
      Source opened = source;
      if (opened != null) {
        opened.close();
      }
      tasks.forEach(WorkerTask::giveBackIfNotBegun);
    }
    endIfDone();
  }

  private void endIfDone() {
    if (draining.get() && sourceEnded && tasks.stream().noneMatch(WorkerTask::awaited) && ending.compareAndSet(false, true)) {
      leasing.givenBack().whenComplete((done, never) -> end());
    }
  }

  private List<String> unfinished() {
    List<String> ids = tasks.stream().filter(WorkerTask::awaited).map(task -> "job " + task.job().id() + " of " + leasing.queue()).toList();
    return ids.isEmpty() ? List.of("giving back jobs of " + leasing.queue()) : ids;
  }

  /** The time is over: renews no lease, and keeps no slot. */
  private void letGo() {
    tasks.forEach(WorkerTask::letGo);
    tasks.clear();
    end();
  }

  private void end() {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    leasing.calls().open().remove(closer);
    state.change(SubscriptionState.CLOSED);
    drained.complete(null);
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
  }
}
