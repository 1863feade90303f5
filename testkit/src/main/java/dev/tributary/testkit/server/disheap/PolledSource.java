package dev.tributary.testkit.server.disheap;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Jobs of a transport that does not push: asks for as many as are wanted, one time after the other. Ends with the first error. */
final class PolledSource implements Source {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final QueueTransport queues;
  private final int mostAtOnce;
  private final Duration wait;
  private final TimeSource time;
  private final ResourceName queue;
  private final Duration lease;
  private final SourceObserver<LeasedJob> observer;
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private long demand;
  private boolean busy;
  private boolean closed;
  private @Nullable CompletableFuture<List<LeasedJob>> asking;
  private TimeSource.@Nullable Timer pause;

  PolledSource(Heaps heaps, QueueTransport queues, TimeSource time, ResourceName queue, Duration lease, SourceObserver<LeasedJob> observer) {
    this.queues = queues;
    this.mostAtOnce = heaps.limits().maxReceive();
    this.wait = heaps.limits().maxWait().compareTo(LONGEST_WAIT) < 0 ? heaps.limits().maxWait() : LONGEST_WAIT;
    this.time = time;
    this.queue = queue;
    this.lease = lease;
    this.observer = observer;
  }

  @Override
  public void request(long n) {
    synchronized (this) {
      demand += n;
    }
    ask();
  }

  private void ask() {
    CompletableFuture<List<LeasedJob>> asked;
    synchronized (this) {
      if (busy || closed || demand == 0) {
        return;
      }
      busy = true;
      asked = queues.receive(queue, (int) Math.min(demand, mostAtOnce), lease, wait, Deadline.after(time, LONGEST_WAIT.plus(LONGEST_WAIT)));
      asking = asked;
    }
    asked.whenComplete((jobs, error) -> answered(jobs, error));
  }

  private void answered(@Nullable List<LeasedJob> jobs, @Nullable Throwable error) {
    if (jobs != null) {
      jobs.forEach(observer::onItem);
    }
    boolean again;
    synchronized (this) {
      asking = null;
      again = jobs != null && !closed;
      if (jobs != null) {
        demand -= jobs.size();
      }
      if (again && jobs != null && jobs.isEmpty() && wait.isZero()) {
        pause = time.schedule(PAUSE, this::proceed);
        return;
      }
    }
    if (again) {
      proceed();
    } else {
      finish(error);
    }
  }

  private void proceed() {
    synchronized (this) {
      pause = null;
      busy = false;
    }
    ask();
  }

  private void finish(@Nullable Throwable error) {
    boolean wanted;
    synchronized (this) {
      wanted = closed;
      closed = true;
    }
    if (!over.isDone()) {
      Throwable cause = error == null ? null : Steps.unwrap(error);
      observer.onEnd(wanted || cause == null ? null : cause instanceof TributaryException known ? known : broken(cause));
      over.complete(null);
    }
  }

  private static TributaryException broken(Throwable cause) {
    return new ServerErrorException(ErrorInfo.of("receiving failed: " + cause, "Look at the cause").causedBy(cause));
  }

  @Override
  public CompletableFuture<Void> close() {
    CompletableFuture<List<LeasedJob>> running;
    boolean idle;
    synchronized (this) {
      closed = true;
      running = asking;
      idle = !busy || pause != null;
      if (pause != null) {
        pause.cancel();
        pause = null;
      }
    }
    if (running != null) {
      running.cancel(true);
    } else if (idle) {
      finish(null);
    }
    return over;
  }
}
