package dev.tributary.internal.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A source of jobs over a backend that does not push: asks for as many as there is demand, one call at a time. Demand that arises
 * while a call is under way is asked for together by the next one. Faults that may pass are waited out; others end it.
 */
final class PollingSource implements Source {
  private static final System.Logger LOG = System.getLogger("dev.tributary.queue");

  private static final Duration WAIT = Duration.ofSeconds(20);

  private final Leasing leasing;
  private final Duration lease;
  private final SourceObserver<LeasedJob> observer;
  private final AtomicLong demand = new AtomicLong();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  // What happened, for the one thread that is in step().
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean closed;
  private volatile @Nullable Answer answer;
  private volatile boolean paused;

  private volatile @Nullable CompletableFuture<?> call;
  private volatile TimeSource.@Nullable Timer timer;
  private boolean asking;
  private boolean over;
  private int failures;
  private SubscriptionState state = SubscriptionState.CONNECTING;

  PollingSource(Leasing leasing, Duration lease, SourceObserver<LeasedJob> observer) {
    this.leasing = leasing;
    this.lease = lease;
    this.observer = observer;
  }

  private record Answer(List<LeasedJob> jobs, @Nullable TributaryException error) {}

  @Override
  public void request(long n) {
    demand.accumulateAndGet(n, (have, more) -> have + more < 0 ? Long.MAX_VALUE : have + more);
    signal();
  }

  @Override
  public CompletableFuture<Void> close() {
    closed = true;
    signal();
    return ended.copy();
  }

  /** Lets one thread at a time do what there is to do. */
  private void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      try {
        step();
      } catch (Throwable thrown) {
        broken(thrown);
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  /** Something threw that never should. Whoever waits for jobs must hear of it. */
  private void broken(Throwable thrown) {
    LOG.log(System.Logger.Level.ERROR, "taking jobs of " + leasing.queue() + " failed unexpectedly", thrown);
    if (!over) {
      end(Steps.known(thrown));
    }
  }

  private void step() {
    Answer latest = answer;
    if (latest != null) {
      answer = null;
      asking = false;
      call = null;
      take(latest);
    }
    if (over) {
      return;
    }
    if (closed) {
      end(null);
    } else if (!asking && !paused && demand.get() > 0) {
      ask();
    }
  }

  private void ask() {
    asking = true;
    CompletableFuture<List<LeasedJob>> asked;
    try {
      asked =
          leasing.receive(
              leasing.steps(),
              "receive",
              null, // What is handed over goes to whoever opened this: no call at the backend ends for it.
              () -> (int) Math.min(demand.get(), leasing.checks().limits().maxReceive()),
              lease,
              WAIT,
              Calls.Repeat.NEVER,
              jobs -> jobs);
    } catch (Throwable thrown) {
      asked = CompletableFuture.failedFuture(thrown);
    }
    call = asked;
    asked.whenComplete(
        (jobs, error) -> {
          answer = error == null ? new Answer(jobs, null) : new Answer(List.of(), Steps.known(error));
          signal();
        });
  }

  private void take(Answer latest) {
    TributaryException error = latest.error();
    if (closed || over) {
      latest.jobs().forEach(leasing::giveBack);
    } else if (error == null) {
      failures = 0;
      become(SubscriptionState.LIVE);
      latest.jobs().forEach(this::deliver);
    } else if (leasing.calls().passes(error)) {
      become(SubscriptionState.RECONNECTING);
      paused = true;
      timer =
          leasing
              .time()
              .schedule(
                  leasing.calls().pause(++failures, error),
                  () -> {
                    paused = false;
                    signal();
                  });
    } else {
      end(error);
    }
  }

  private void deliver(LeasedJob job) {
    if (closed || demand.get() == 0) {
      leasing.giveBack(job);
      return;
    }
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    try {
      observer.onItem(job);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.WARNING, "job " + job.id() + " of " + leasing.queue() + " could not be handed over", thrown);
      leasing.giveBack(job);
    }
  }

  private void become(SubscriptionState next) {
    if (state != next) {
      state = next;
      observer.onState(next);
    }
  }

  private void end(@Nullable TributaryException error) {
    over = true;
    CompletableFuture<?> running = call;
    if (running != null) {
      running.cancel(true);
    }
    TimeSource.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
    try {
      observer.onEnd(error);
    } finally {
      ended.complete(null);
    }
  }
}
