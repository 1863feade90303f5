package dev.tributary.internal.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A source of jobs that takes what others of this client gave back, besides what the backend leases. The backend may have been asked for a
 * job by the time that somebody gives one back: what comes too much is given back in its turn, and is the first when there is demand again.
 */
final class SharingSource implements Source, SourceObserver<LeasedJob>, Handover.Taker {
  private final Leasing leasing;
  private final Handover handover;
  private final Duration lease;
  private final SourceObserver<LeasedJob> observer;
  private final Source backend;
  private long demand;
  private long asked;
  private boolean over;

  SharingSource(Leasing leasing, Handover handover, Duration lease, SourceObserver<LeasedJob> observer) {
    this.leasing = leasing;
    this.handover = handover;
    this.lease = lease;
    this.observer = observer;
    this.backend = leasing.openAtBackend(lease, this);
  }

  @Override
  public void request(long n) {
    synchronized (this) {
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
    }
    if (n > 0) {
      handover.enlist(this);
    }
    long more;
    synchronized (this) {
      more = Math.max(0, demand - asked);
      asked += more;
    }
    if (more > 0 || n == 0) {
      backend.request(more);
    }
  }

  @Override
  public CompletableFuture<Void> close() {
    end();
    return backend.close();
  }

  private void end() {
    synchronized (this) {
      over = true;
    }
    handover.leave(this);
  }

  // What the backend says.

  @Override
  public void onItem(LeasedJob job) {
    boolean wanted;
    synchronized (this) {
      asked--;
      wanted = wanted();
    }
    if (wanted) {
      observer.onItem(job);
    } else {
      leasing.giveBack(job);
    }
  }

  /** Under the lock; if so, a unit of demand is met. */
  private boolean wanted() {
    boolean wanted = waits();
    if (wanted) {
      demand--;
    }
    return wanted;
  }

  @Override
  public void onState(SubscriptionState state) {
    observer.onState(state);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    end();
    observer.onEnd(error);
  }

  // What others of the client give back.

  @Override
  public Leasing leasing() {
    return leasing;
  }

  @Override
  public Duration lease() {
    return lease;
  }

  @Override
  public synchronized boolean waits() {
    return !over && demand > 0;
  }

  @Override
  public boolean offer(LeasedJob job) {
    synchronized (this) {
      if (!wanted()) {
        return false;
      }
    }
    observer.onItem(job);
    return true;
  }
}
