package dev.tributary.vertx.internal.disheap;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs once, by a stream that ends with the first of them or when the wait is over. What comes until the stream's end belongs to
 * the answer; if nobody waits for that any more, it is given back.
 */
final class Receive extends CompletableFuture<List<LeasedJob>> implements Pop.Taker {
  private final TimeSource time;
  private final ContextInternal loop;
  private final int max;
  private final Duration wait;
  private final Consumer<LeasedJob> giveBack;
  private final List<LeasedJob> jobs = new ArrayList<>();
  private @Nullable Pop pop;
  private TimeSource.@Nullable Timer timer;

  Receive(TimeSource time, ContextInternal loop, int max, Duration wait, Consumer<LeasedJob> giveBack) {
    this.time = time;
    this.loop = loop;
    this.max = max;
    this.wait = wait;
    this.giveBack = giveBack;
  }

  /** Opens the stream. */
  Receive begin(Function<Pop.Taker, Pop> open) {
    OnLoop.run(loop, open, this::open, this);
    return this;
  }

  private void open(Function<Pop.Taker, Pop> open) {
    if (isDone()) {
      return;
    }
    Pop opened = open.apply(this);
    pop = opened;
    opened.want(max);
    if (wait.isZero()) {
      opened.finish();
    } else {
      timer = LoopTimer.after(time, loop, wait, opened::finish);
    }
  }

  @Override
  public void onJob(LeasedJob job) {
    jobs.add(job);
    Pop from = java.util.Objects.requireNonNull(pop);
    if (jobs.size() == max) {
      from.leave();
      finish(null);
    } else {
      from.finish();
    }
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    finish(error);
  }

  private void finish(@Nullable TributaryException error) {
    if (timer != null) {
      timer.cancel();
    }
    List<LeasedJob> taken = List.copyOf(jobs);
    jobs.clear();
    if (taken.isEmpty() && error != null) {
      completeExceptionally(error);
    } else if (!complete(taken)) {
      taken.forEach(giveBack);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      OnLoop.run(loop, this, Receive::abandon);
    }
    return cancelled;
  }

  private void abandon() {
    if (timer != null) {
      timer.cancel();
    }
    jobs.forEach(giveBack);
    jobs.clear();
    if (pop != null) {
      pop.leave();
    }
  }
}
