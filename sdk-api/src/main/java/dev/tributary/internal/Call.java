package dev.tributary.internal;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call of a user: the future they hold, its tries, its deadline. One object for all of it, because there is one for each call.
 *
 * <p>An answer, the deadline, a cancellation and the close of the client may come together, on threads of their own. The first to set {@code over}
 * ends the call; the others find it set and do nothing. Whoever begins a try or a pause looks at it once more afterwards, so none is left running
 * behind the end. What one try may have applied stays true of the call, whatever the next one says.
 */
final class Call<S, R> extends CompletableFuture<R>
    implements BiConsumer<@Nullable S, @Nullable Throwable>, Runnable, Deadlines.Expiring {
  private final Calls calls;
  private final String operation;
  private final @Nullable Object resource;
  private final Calls.Repeat repeat;
  private final Observation observation;
  private final Function<Deadline, CompletableFuture<S>> attempt;
  private final Function<? super S, @Nullable TributaryException> refusal;
  private final Function<? super S, ? extends R> convert;
  private final AtomicBoolean over = new AtomicBoolean();

  private @Nullable Deadline deadline;
  private volatile Deadlines.@Nullable Entry expiry;
  /** What it counts for in flight; negative if it does not. */
  private long weight = -1;
  private volatile @Nullable CompletableFuture<S> current;
  private volatile TimeSource.@Nullable Timer pause;
  // Tries follow one another; these are volatile for the deadline, which comes on a thread of its own.
  private volatile @Nullable TributaryException last;
  private volatile boolean maybeApplied;
  private volatile int tries;
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
      Function<? super S, @Nullable TributaryException> refusal,
      Function<? super S, ? extends R> convert) {
    this.calls = calls;
    this.operation = operation;
    this.resource = resource;
    this.repeat = repeat;
    this.observation = observation;
    this.attempt = attempt;
    this.refusal = refusal;
    this.convert = convert;
  }

  /** Begins; it is counted in flight with this weight. */
  void begin(Deadline end, long counted) {
    weight = counted;
    deadline = end;
    if (end.expired()) {
      expire();
      return;
    }
    expiry = calls.deadlines.add(end.remainingNanos(), this);
    tryOnce(end);
  }

  private void tryOnce(Deadline end) {
    if (over.get()) {
      return;
    }
    if (calls.isClosed() && tries > 0) {
      fail(calls.closedError());
      return;
    }
    tries = tries + 1;
    CompletableFuture<S> running;
    try {
      running = attempt.apply(end);
    } catch (Throwable thrown) {
      accept(null, thrown);
      return;
    }
    current = running;
    if (over.get()) {
      // Expired or cancelled while the try was being made, and before it could be seen.
      running.cancel(true);
    }
    running.whenComplete(this);
  }

  /** A try has come to its end. */
  @Override
  public void accept(@Nullable S value, @Nullable Throwable fault) {
    if (over.get()) {
      return;
    }
    current = null;
    try {
      settle(value, fault);
    } catch (Throwable thrown) {
      fail(Steps.known(thrown));
    }
  }

  private void settle(@Nullable S value, @Nullable Throwable fault) {
    @SuppressWarnings("NullAway") // what a transport completes with; Void is null
    S answer = value;
    TributaryException failure = fault == null ? refusal.apply(answer) : faultOf(fault);
    if (failure != null) {
      Duration wait = mayRepeat(failure) ? calls.pause(tries, failure) : null;
      maybeApplied |= failure.maybeApplied();
      Deadline end = Objects.requireNonNull(deadline);
      if (wait != null && wait.compareTo(end.remaining()) < 0) {
        last = failure;
        TimeSource.Timer waiting = calls.time.schedule(wait, () -> tryOnce(end));
        pause = waiting;
        if (over.get()) {
          waiting.cancel();
        }
        return;
      }
    }
    if (fault != null) {
      fail(Objects.requireNonNull(failure));
    } else if (over.compareAndSet(false, true)) {
      result = value;
      finish();
    }
  }

  /** What a transport does after it was closed is no defect. */
  private TributaryException faultOf(Throwable fault) {
    TributaryException failure = Steps.known(fault);
    return failure instanceof ServerErrorException && failure != Steps.unwrap(fault) && calls.isClosed()
        ? maybe(calls.closedError(), failure.maybeApplied())
        : failure;
  }

  private static TributaryException maybe(TributaryException failure, boolean applied) {
    return applied ? failure.orMaybeApplied() : failure;
  }

  private boolean mayRepeat(TributaryException failure) {
    return failure.retryable()
        && !(failure instanceof OverloadedException refused && refused.byClient())
        && repeat != Calls.Repeat.NEVER
        && (repeat == Calls.Repeat.SAFE || !failure.maybeApplied())
        && tries < calls.config.retry().maxAttempts();
  }

  /** Its deadline has come. */
  @Override
  public void expire() {
    Deadline end = Objects.requireNonNull(deadline);
    boolean underWay = current != null && !end.withdraw();
    TributaryException before = last;
    if (before instanceof ConnectionFailedException && !underWay) {
      // It waits for a connection: why there is none says more than that time is over.
      fail(before);
      return;
    }
    int made = tries;
    String message = "no answer within " + end.timeout();
    fail(
        new DeadlineExceededException(
            ErrorInfo.of(
                    made > 1 ? message + " and " + made + " tries" : message,
                    made == 0
                        ? "It waited too long to be sent; send less at a time, or raise the timeout"
                        : "Check that the server is up and reachable, or raise the timeout")
                .maybeApplied(underWay)
                .causedBy(before)));
  }

  void fail(TributaryException failure) {
    if (over.compareAndSet(false, true)) {
      error = placed(failure);
      stop();
      finish();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    leave();
    return super.cancel(mayInterrupt);
  }

  /** By somebody else than the backend: {@code completeOnTimeout}, for instance. */
  @Override
  public boolean complete(@Nullable R value) {
    leave();
    return super.complete(value);
  }

  /** By somebody else than the backend: {@code orTimeout}, for instance. */
  @Override
  public boolean completeExceptionally(Throwable why) {
    leave();
    return super.completeExceptionally(why);
  }

  /** Nobody waits for the backend any more. */
  private void leave() {
    if (over.compareAndSet(false, true)) {
      stop();
      forget();
      observation.end(new CancellationException(operation + " was cancelled"));
    }
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

  /** Once, by whoever ended it: it counts no more. */
  private void forget() {
    Deadlines.Entry entry = expiry;
    if (entry != null) {
      entry.remove();
    }
    if (weight >= 0) {
      calls.inFlight.leave(weight);
    }
  }

  private void finish() {
    forget();
    calls.complete(this);
  }

  /** What it is about. */
  @Override
  public String toString() {
    return resource == null ? operation : operation + " on " + resource;
  }

  /** On the callback executor: converts and completes. */
  @Override
  public void run() {
    TributaryException failure = error;
    if (failure != null) {
      observation.end(failure);
      super.completeExceptionally(failure);
      return;
    }
    R converted;
    try {
      @SuppressWarnings("NullAway") // what a transport completes with; Void is null
      S value = result;
      converted = convert.apply(value);
    } catch (Throwable thrown) {
      TributaryException why = placed(Steps.known(thrown));
      observation.end(why);
      super.completeExceptionally(why);
      return;
    }
    observation.end(null);
    super.complete(converted);
  }

  private TributaryException placed(TributaryException failure) {
    return maybe(failure, maybeApplied).at(calls.transport.backend(), operation, resource == null ? null : resource.toString());
  }
}
