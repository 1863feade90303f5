package dev.tributary.internal;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TimeoutException;
import dev.tributary.error.TributaryException;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of a user: the future they hold, its tries, its deadline. One object for all of it, because there is one for each call.
 */
final class Call<S, R> extends CompletableFuture<R> implements BiConsumer<@Nullable S, @Nullable Throwable>, Runnable {
  private final Calls calls;
  private final String operation;
  private final @Nullable Object resource;
  private final Calls.Repeat repeat;
  private final Observation observation;
  private final Function<Deadline, CompletableFuture<S>> attempt;
  private final Function<? super S, ? extends R> convert;
  private final AtomicBoolean over = new AtomicBoolean();

  private @Nullable Deadline deadline;
  private volatile Deadlines.@Nullable Entry expiry;
  private volatile @Nullable CompletableFuture<S> current;
  private volatile TimeSource.@Nullable Timer pause;
  private volatile @Nullable TributaryException last;
  private int tries;
  // Written before run() is handed to the executor, read in it.
  private @Nullable S result;
  private @Nullable TributaryException error;

  Call(
      Calls calls,
      String operation,
      @Nullable Object resource,
      Calls.Repeat repeat,
      Observation observation,
      Function<Deadline, CompletableFuture<S>> attempt,
      Function<? super S, ? extends R> convert) {
    this.calls = calls;
    this.operation = operation;
    this.resource = resource;
    this.repeat = repeat;
    this.observation = observation;
    this.attempt = attempt;
    this.convert = convert;
  }

  void begin(Deadline end) {
    deadline = end;
    expiry = calls.deadlines.add(end.remainingNanos(), this::expire);
    tryOnce();
  }

  private void tryOnce() {
    tries++;
    CompletableFuture<S> running;
    try {
      running = attempt.apply(java.util.Objects.requireNonNull(deadline));
    } catch (RuntimeException thrown) {
      accept(null, thrown);
      return;
    }
    current = running;
    running.whenComplete(this);
    if (over.get()) {
      // Expired or cancelled while the try was being made.
      running.cancel(true);
    }
  }

  /** A try has come to its end. */
  @Override
  public void accept(@Nullable S value, @Nullable Throwable fault) {
    if (over.get()) {
      return;
    }
    current = null;
    if (fault == null) {
      if (over.compareAndSet(false, true)) {
        result = value;
        finish();
      }
      return;
    }
    TributaryException failure = Faults.of(fault);
    Duration wait = mayRepeat(failure) ? calls.pause(tries, failure) : null;
    if (wait != null && wait.toNanos() < java.util.Objects.requireNonNull(deadline).remainingNanos()) {
      last = failure;
      pause = calls.time.schedule(wait, this::tryAgain);
      return;
    }
    fail(failure);
  }

  private boolean mayRepeat(TributaryException failure) {
    return failure.retryable()
        && (repeat == Calls.Repeat.SAFE || !failure.maybeApplied())
        && tries < calls.config.retry().maxAttempts();
  }

  private void tryAgain() {
    pause = null;
    if (!over.get()) {
      tryOnce();
    }
  }

  private void expire() {
    boolean sent = current != null;
    TributaryException before = last;
    String message = "no answer within " + calls.config.timeout();
    fail(
        new TimeoutException(
            ErrorInfo.of(
                    before == null ? message : message + " and " + tries + " tries",
                    "Check that the server is up and reachable, or raise the timeout")
                .maybeApplied(sent && repeat == Calls.Repeat.UNLESS_APPLIED || before != null && before.maybeApplied())
                .causedBy(before)));
  }

  void fail(TributaryException failure) {
    if (over.compareAndSet(false, true)) {
      error = failure.at(calls.transport.backend(), operation, resource == null ? null : resource.toString());
      stop();
      finish();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    if (over.compareAndSet(false, true)) {
      stop();
      boolean cancelled = super.cancel(mayInterrupt);
      forget();
      observation.end(new java.util.concurrent.CancellationException(operation + " was cancelled"));
      return cancelled;
    }
    return super.cancel(mayInterrupt);
  }

  /** Ends the try on the wire. */
  private void stop() {
    CompletableFuture<S> running = current;
    if (running != null) {
      running.cancel(true);
    }
    TimeSource.Timer waiting = pause;
    if (waiting != null) {
      waiting.cancel();
    }
  }

  private void forget() {
    Deadlines.Entry entry = expiry;
    if (entry != null) {
      entry.remove();
    }
  }

  private void finish() {
    forget();
    calls.callback(this);
  }

  /** On the callback executor: converts and completes. */
  @Override
  public void run() {
    TributaryException failure = error;
    if (failure != null) {
      observation.end(failure);
      completeExceptionally(failure);
      return;
    }
    R converted;
    try {
      @SuppressWarnings("NullAway") // what a transport completes with; Void is null
      S value = result;
      converted = convert.apply(value);
    } catch (RuntimeException thrown) {
      TributaryException why =
          Faults.of(thrown).at(calls.transport.backend(), operation, resource == null ? null : resource.toString());
      observation.end(why);
      completeExceptionally(why);
      return;
    }
    observation.end(null);
    complete(converted);
  }
}
