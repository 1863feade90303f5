package dev.tributary.internal.stream;

import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.Open;
import dev.tributary.spi.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Closes a consumer of several streams: all of them side by side, each within the whole time. */
final class ManyClosing<T> implements Open.Closer {
  private final ManyConsumer<T> whole;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private boolean begun;

  ManyClosing(ManyConsumer<T> whole) {
    this.whole = whole;
  }

  @Override
  public CompletableFuture<Void> close(Duration within) {
    return begin(within, false);
  }

  /**
   * Begins it, if it has not begun.
   *
   * @param blocking whether the caller waits for it: then a handler that is the caller is not waited for
   */
  CompletableFuture<Void> begin(Duration within, boolean blocking) {
    CompletableFuture<Void> told = Handed.over(whole.calls, done.copy());
    List<Member<T>> all = whole.members.close();
    boolean first = isFirst();
    if (first) {
      whole.stopLooking(whole.closedError());
      whole.polling.fail(whole.closedError());
    }
    List<CompletableFuture<Void>> closings = new ArrayList<>();
    for (Member<T> member : all) {
      StreamConsumer<T> consumer = member.consumer();
      AssignedPartition<T> here = consumer.dispatch.here();
      closings.add(consumer.closing.begin(within, here).exceptionally(error -> ofStream(member, error)));
      if (here != null) {
        // What its handler may return is the whole's close.
        here.closing = told;
        if (blocking) {
          consumer.dispatch.excuse(here);
        }
      }
    }
    if (first) {
      CompletableFuture.allOf(closings.toArray(CompletableFuture[]::new)).whenComplete((closed, error) -> end(closings));
    }
    return told;
  }

  private synchronized boolean isFirst() {
    boolean first = !begun;
    begun = true;
    return first;
  }

  /** One that was deleted has nowhere to commit to, and nothing to. */
  private Void ofStream(Member<T> member, Throwable error) {
    if (!member.named && Steps.unwrap(error) instanceof NotFoundException) {
      return null;
    }
    throw new CompletionException(Steps.unwrap(error));
  }

  private void end(List<CompletableFuture<Void>> closings) {
    List<String> unfinished = new ArrayList<>();
    Throwable failure = null;
    for (CompletableFuture<Void> closing : closings) {
      Throwable error = Steps.unwrap(closing.handle((closed, why) -> why).join());
      if (error instanceof CloseTimeoutException late) {
        unfinished.addAll(late.unfinished());
      } else if (failure == null) {
        failure = error;
      }
    }
    whole.closed(this);
    end(unfinished, failure);
  }

  private void end(List<String> unfinished, @Nullable Throwable failure) {
    if (failure != null) {
      done.completeExceptionally(failure);
    } else if (!unfinished.isEmpty()) {
      done.completeExceptionally(
          whole.located(
              "close",
              new CloseTimeoutException(
                  ErrorInfo.of("the consumer was closed before this was finished: " + String.join("; ", unfinished), "Give the close more time"),
                  unfinished)));
    } else {
      done.complete(null);
    }
  }
}
