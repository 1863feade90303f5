package dev.tributary.internal.stream;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A poll that waits. Either it is claimed, and then messages are taken for it, or it is cancelled, and then none are. */
final class Poll<T> extends CompletableFuture<List<Message<T>>> {
  private final StreamConsumer<T> consumer;
  private final int max;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private volatile boolean due;
  private volatile TimeSource.@Nullable Timer timer;

  Poll(StreamConsumer<T> consumer, int max) {
    this.consumer = consumer;
    this.max = max;
  }

  int max() {
    return max;
  }

  /** It waits no longer than this. */
  void waitFor(Duration wait) {
    timer =
        consumer
            .calls
            .time()
            .schedule(
                wait,
                () -> {
                  due();
                  consumer.polling.serve();
                });
    if (isDone()) {
      stopTimer();
    }
  }

  /** It has waited long enough. */
  void due() {
    due = true;
  }

  boolean isDue() {
    return due;
  }

  /** Whether it is for the caller to end it. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  void end(@Nullable List<Message<T>> messages, @Nullable TributaryException error) {
    stopTimer();
    if (error != null) {
      completeExceptionally(error);
    } else {
      complete(messages);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    if (!claim()) {
      return isCancelled();
    }
    stopTimer();
    return super.cancel(mayInterrupt);
  }

  private void stopTimer() {
    TimeSource.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}
