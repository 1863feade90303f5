package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One member that asks for messages, and waits if there are none. It takes with all the patience that is left; whenever what it takes from has
 * changed, or it is to wait no longer, that take is cancelled and the next one begins. Where a take does not wait, it rests between them. There is
 * never more than one take, and what one brings for a client that has gone is given back.
 */
public final class Poll {
  public static final Duration PAUSE = Duration.ofMillis(100);

  private static final TimeSource.Timer NONE = () -> {};

  private final Deliveries deliveries;
  private final TimeSource time;
  private final Deliveries.Ask ask;
  private final Supplier<List<GroupPartition>> from;
  private final Deadline deadline;
  private final Deadline end;
  private final CompletableFuture<List<Deliveries.Delivery>> answer = new CompletableFuture<>();
  private CompletableFuture<List<Deliveries.Delivery>> taking = new CompletableFuture<>();
  /** Ends what goes on: a take, or the rest between two. */
  private TimeSource.Timer timer = NONE;

  private boolean looking;
  private boolean changed;
  private boolean last;

  /**
   * With what says which partitions the member has, asked each time; it throws what the client is told.
   *
   * @param patience how long it waits if there is nothing; zero or less for not at all
   */
  public Poll(
      Deliveries deliveries,
      TimeSource time,
      Deliveries.Ask ask,
      Duration patience,
      Supplier<List<GroupPartition>> from,
      Deadline deadline) {
    this.deliveries = deliveries;
    this.time = time;
    this.ask = ask;
    this.from = from;
    this.deadline = deadline;
    this.end = Deadline.after(time, patience.isNegative() ? Duration.ZERO : patience);
    this.last = end.expired();
  }

  /** Begins. Cancelling the future ends it. */
  public CompletableFuture<List<Deliveries.Delivery>> begin() {
    answer.whenComplete((messages, error) -> again());
    again();
    return answer;
  }

  /** Whoever asks does not want to wait any more: it answers with what is there now. */
  public void hurry() {
    synchronized (this) {
      last = true;
    }
    again();
  }

  /** What it takes from has changed, or how long. */
  public void again() {
    CompletableFuture<?> current;
    synchronized (this) {
      changed = looking;
      current = taking;
      if (!looking) {
        timer.cancel();
      }
      if (!looking && !answer.isDone()) {
        looking = true;
        current = null;
      }
    }
    if (current == null) {
      look();
    } else {
      current.cancel(true);
    }
  }

  private void look() {
    boolean lastLook;
    synchronized (this) {
      changed = false;
      lastLook = last || end.expired();
      taking = new CompletableFuture<>();
    }
    CompletableFuture<List<Deliveries.Delivery>> taken = take(lastLook ? Duration.ZERO : end.remaining());
    boolean late;
    synchronized (this) {
      taking = taken;
      late = changed || answer.isDone();
      timer = taken.isDone() || lastLook ? NONE : end.whenPassed(this::hurry);
    }
    if (late) {
      taken.cancel(true);
    }
    taken.whenComplete((messages, error) -> looked(messages, error, lastLook));
  }

  private CompletableFuture<List<Deliveries.Delivery>> take(Duration patience) {
    try {
      return deliveries.take(from.get(), ask, patience, deadline);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private void looked(@Nullable List<Deliveries.Delivery> messages, @Nullable Throwable error, boolean lastLook) {
    synchronized (this) {
      timer.cancel();
    }
    if (messages != null && (lastLook || end.expired() || !messages.isEmpty())) {
      if (!answer.complete(messages)) {
        deliveries.giveBack(messages);
      }
    } else if (error != null && !(error instanceof CancellationException)) {
      answer.completeExceptionally(Steps.unwrap(error));
    } else if (!rest()) {
      look();
    }
  }

  /** Waits until something changes, or a while; false if something has changed. */
  private synchronized boolean rest() {
    if (changed && !answer.isDone()) {
      return false;
    }
    looking = false;
    if (!answer.isDone()) {
      Duration left = end.remaining();
      timer = time.schedule(left.compareTo(PAUSE) < 0 ? left : PAUSE, this::again);
    }
    return true;
  }
}
