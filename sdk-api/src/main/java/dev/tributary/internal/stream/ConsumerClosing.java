package dev.tributary.internal.stream;

import dev.tributary.SubscriptionState;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Open;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Closes a consumer: handlers finish, then what is processed is committed, then it leaves. For the first it has most of the time, for all
 * of it the whole; what is not done by then is left alone.
 */
final class ConsumerClosing<T> implements Open.Closer {
  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private final @Nullable Duration drainTimeout;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  // Guarded by the assignment.
  private boolean begun;
  private boolean over;
  private boolean committed;
  /** Handlers that were not waited for any longer. */
  private List<String> left = List.of();

  ConsumerClosing(StreamConsumer<T> consumer, @Nullable Duration drainTimeout) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
    this.drainTimeout = drainTimeout;
  }

  @Override
  public CompletableFuture<Void> close(Duration within) {
    return begin(within, null);
  }

  /**
   * Begins it, if it has not begun; the shortest of the times that are given holds.
   *
   * @param here the partition whose handler asks for it; null if none does
   */
  CompletableFuture<Void> begin(Duration within, @Nullable AssignedPartition<T> here) {
    // Not the one that others hold: they may cancel theirs.
    CompletableFuture<Void> told = Handed.over(consumer.calls, done.copy());
    boolean first;
    synchronized (assignment) {
      first = !begun;
      begun = true;
      assignment.close();
      if (here != null) {
        here.closing = told;
      }
    }
    if (first) {
      run(Deadline.nanos(within));
    } else if (!done.isDone()) {
      TimeSource.Timer bound = consumer.calls.time().schedule(within, this::late);
      done.whenComplete((closed, error) -> bound.cancel());
    }
    return told;
  }

  private void run(long nanos) {
    consumer.commits.stop();
    consumer.polling.fail(consumer.closedError());
    long most = nanos / 5 * 4;
    long drain = drainTimeout == null ? most : Math.min(Deadline.nanos(drainTimeout), nanos);
    TimeSource time = consumer.calls.time();
    CompletableFuture<Void> rested = consumer.dispatch.rested().copy();
    TimeSource.Timer draining = time.schedule(Duration.ofNanos(drain), () -> giveUp(rested));
    TimeSource.Timer bound = time.schedule(Duration.ofNanos(nanos), this::late);
    done.whenComplete(
        (closed, error) -> {
          draining.cancel();
          bound.cancel();
        });
    rested
        .thenCompose(now -> consumer.commits.last())
        .handle(
            (now, error) -> {
              synchronized (assignment) {
                committed = error == null;
              }
              leave(error);
              return null;
            });
  }

  private void giveUp(CompletableFuture<Void> rested) {
    synchronized (assignment) {
      if (!rested.isDone()) {
        left = consumer.dispatch.unfinished();
      }
    }
    rested.complete(null);
  }

  /** Leaves the group, even if the commit failed; that is what is reported then. */
  private void leave(@Nullable Throwable commitError) {
    consumer
        .calls
        .steps()
        .call("leave", consumer.name, Repeat.SAFE, deadline -> consumer.intake.source.close())
        .whenComplete((gone, error) -> end(commitError == null ? error : commitError, false));
  }

  private void late() {
    end(null, true);
  }

  private void end(@Nullable Throwable error, boolean late) {
    List<String> unfinished;
    synchronized (assignment) {
      if (over) {
        return;
      }
      over = true;
      unfinished = new ArrayList<>(left);
      if (late) {
        if (left.isEmpty()) {
          unfinished.addAll(consumer.dispatch.unfinished());
        }
        if (!committed) {
          unfinished.add("commit of " + consumer.name);
        }
        unfinished.add("leave " + consumer.name);
      }
    }
    consumer.calls.open().remove(this);
    if (late) {
      // What it still has is let go without waiting for it.
      consumer.intake.source.close();
    }
    assignment.clear();
    consumer.intake.state.change(SubscriptionState.CLOSED);
    consumer.dispatch.complete();
    if (error != null) {
      done.completeExceptionally(Steps.unwrap(error));
    } else if (!unfinished.isEmpty()) {
      done.completeExceptionally(
          consumer.located(
              "close",
              new CloseTimeoutException(
                  ErrorInfo.of("the consumer was closed before this was finished: " + String.join("; ", unfinished), "Give the close more time"),
                  unfinished)));
    } else {
      done.complete(null);
    }
  }
}
