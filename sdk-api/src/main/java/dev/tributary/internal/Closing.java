package dev.tributary.internal;

import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The closing of one thing, however often it is asked for: draining begins with the first to ask, and ends when it is through or when the
 * shortest of the times that were given is over. Then what is unfinished is named and let go. Thread-safe.
 */
public final class Closing {
  private final Calls calls;
  private final String what;
  private final @Nullable Object resource;
  private final Function<Deadline, ? extends CompletableFuture<?>> drain;
  private final Supplier<List<String>> unfinished;
  private final Runnable letGo;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  // Guarded by this.
  private @Nullable Deadline end;
  private TimeSource.@Nullable Timer timer;
  private boolean over;

  /**
   * Of something that is open.
   *
   * @param what what is closed, for errors
   * @param resource what it is about, for errors
   * @param drain called once, with the end of the time there is: takes nothing new, and completes when nothing is under way
   * @param unfinished what is under way still: asked if the time is over
   * @param letGo called after that: nothing more may be kept or retried
   */
  public Closing(
      Calls calls,
      String what,
      @Nullable Object resource,
      Function<Deadline, ? extends CompletableFuture<?>> drain,
      Supplier<List<String>> unfinished,
      Runnable letGo) {
    this.calls = calls;
    this.what = what;
    this.resource = resource;
    this.drain = drain;
    this.unfinished = unfinished;
    this.letGo = letGo;
  }

  /** Closes within this time; the future is the caller's own and completes on the callback executor. */
  public CompletableFuture<Void> within(Duration bound) {
    CompletableFuture<Void> users = new CompletableFuture<>();
    step(bound)
        .whenComplete(
            (done, error) ->
                calls.callback(
                    () -> {
                      if (error == null) {
                        users.complete(null);
                      } else {
                        users.completeExceptionally(Steps.unwrap(error));
                      }
                    }));
    return users;
  }

  /** The same as a step of the SDK, the closing of a whole client for instance: completes where it is known, behind no callback. */
  public CompletableFuture<Void> step(Duration bound) {
    Deadline latest = Deadline.after(calls.time(), bound);
    boolean first;
    synchronized (this) {
      first = end == null;
      if (!over && (end == null || end.isAfter(latest))) {
        end = latest;
        if (timer != null) {
          timer.cancel();
        }
        timer = calls.time().schedule(bound, this::timeIsOver);
      }
    }
    if (first) {
      begin(latest);
    }
    return closed.copy();
  }

  /** Whether it is closed or about to be. */
  public synchronized boolean begun() {
    return end != null;
  }

  private void begin(Deadline latest) {
    CompletableFuture<?> draining;
    try {
      draining = drain.apply(latest);
    } catch (Throwable thrown) {
      draining = CompletableFuture.failedFuture(thrown);
    }
    draining.whenComplete((done, error) -> end(error == null ? null : located(Steps.known(error)), () -> {}));
  }

  private void timeIsOver() {
    synchronized (this) {
      if (over || end == null || !end.expired()) {
        return;
      }
    }
    List<String> left = unfinished.get();
    String named = left.isEmpty() ? "" : ", not finished: " + String.join(", ", left.subList(0, Math.min(10, left.size())));
    end(
        located(
            new CloseTimeoutException(
                ErrorInfo.of(
                    "was not closed in time" + named + (left.size() > 10 ? " and " + (left.size() - 10) + " more" : ""),
                    "It is closed now; give close more time if this should be finished"),
                left)),
        letGo);
  }

  private TributaryException located(TributaryException error) {
    return error.at(calls.transport().backend(), what, resource == null ? null : resource.toString());
  }

  /** Who waits for the end finds everything let go. */
  private void end(@Nullable TributaryException error, Runnable before) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      if (timer != null) {
        timer.cancel();
      }
    }
    try {
      before.run();
    } finally {
      if (error == null) {
        closed.complete(null);
      } else {
        closed.completeExceptionally(error);
      }
    }
  }
}
