package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.internal.grpc.Steps;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One member that asks for messages, and waits if there are none: whoever adds some wakes it, and it looks again each {@link #PAUSE}
 * whatever happens. What it takes for a client that has gone by then, it gives back.
 */
public final class Poll {
  public static final Duration PAUSE = Duration.ofMillis(100);

  private final Deliveries deliveries;
  private final Bells bells;
  private final TimeSource time;
  private final Wish wish;
  private final Deadline deadline;
  private final Supplier<List<GroupPartition>> from;
  private volatile long end;
  private final CompletableFuture<List<Deliveries.Delivery>> answer = new CompletableFuture<>();
  private boolean looking;
  private boolean rang;
  private TimeSource.@Nullable Timer pause;

  /**
   * What a member asks for.
   *
   * @param patience how long it waits if there is nothing; zero or less for not at all
   */
  public record Wish(String topic, Deliveries.Ask ask, Duration patience) {}

  /** With what says which partitions the member has, asked each time; it throws what the client is told. */
  public Poll(Deliveries deliveries, Bells bells, TimeSource time, Wish wish, Supplier<List<GroupPartition>> from, Deadline deadline) {
    this.deliveries = deliveries;
    this.bells = bells;
    this.time = time;
    this.wish = wish;
    this.from = from;
    this.deadline = deadline;
    this.end = Alarm.in(time, wish.patience());
  }

  /** Begins. Cancelling the future ends it, and what it takes at that moment is given back. */
  public CompletableFuture<List<Deliveries.Delivery>> begin() {
    Runnable deaf = bells.listen(wish.topic(), this::ring);
    answer.whenComplete(
        (messages, error) -> {
          deaf.run();
          unpause();
        });
    ring();
    return answer;
  }

  /** Whoever asks does not want to wait any more: it answers with what is there now. */
  public void hurry() {
    end = time.nanos();
    ring();
  }

  private void ring() {
    synchronized (this) {
      rang = true;
      if (looking || answer.isDone()) {
        return;
      }
      looking = true;
      rang = false;
    }
    look();
  }

  private synchronized void unpause() {
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  private void look() {
    CompletableFuture<Boolean> again = take().handle(this::looked);
    while (again.isDone() && again.join()) {
      again = take().handle(this::looked);
    }
    if (!again.isDone()) {
      again.thenAccept(
          more -> {
            if (more) {
              look();
            }
          });
    }
  }

  private CompletableFuture<List<Deliveries.Delivery>> take() {
    unpause();
    try {
      return deliveries.take(from.get(), wish.ask(), deadline);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** Says whether to look again at once. */
  private boolean looked(@Nullable List<Deliveries.Delivery> messages, @Nullable Throwable error) {
    boolean late = time.nanos() >= end;
    if (messages == null) {
      answer.completeExceptionally(error == null ? new CancellationException() : Steps.unwrap(error));
    } else if (!messages.isEmpty() || late) {
      if (!answer.complete(messages)) {
        messages.forEach(message -> message.giveBack().run());
      }
    } else {
      return !rest();
    }
    return false;
  }

  /** Waits to be woken; false if somebody did already. */
  private synchronized boolean rest() {
    if (rang) {
      rang = false;
      return false;
    }
    looking = false;
    if (!answer.isDone()) {
      Duration left = Duration.ofNanos(Math.max(0, end - time.nanos()));
      pause = time.schedule(left.compareTo(PAUSE) < 0 ? left : PAUSE, this::ring);
    }
    return true;
  }
}
