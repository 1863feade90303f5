package dev.tributary.internal.queue;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends the settlements of one queue in batches: what comes while a call is under way waits for it, and goes out together with
 * everything else that waited. So a lone ack is sent at once, and many cost few calls.
 *
 * <p>Whoever adds something counts up {@code signals}, and whoever counted from zero sends for all until it is zero again: nothing that was added
 * is left waiting while a call could be made, and no lock is held while one is. A batch is cancelled when nobody wants any of it; an item that is
 * cancelled before is left out of it, and of the others nothing is taken.
 */
final class Settler {
  /** Settlements on their way at a time: where one call carries fewer, there are several calls. */
  private static final int ON_THE_WAY = 64;

  private static final int MAX_WAITING = 100_000;

  private final QueueTransport transport;
  private final ResourceName queue;
  private final int maxBatch;
  private final int maxCalls;
  private final ArrayDeque<Item> waiting = new ArrayDeque<>();
  private final AtomicInteger signals = new AtomicInteger();
  private int calls;

  Settler(QueueTransport transport, ResourceName queue, int maxBatch) {
    this.transport = transport;
    this.queue = queue;
    this.maxBatch = maxBatch;
    this.maxCalls = Math.max(1, ON_THE_WAY / maxBatch);
  }

  /** One try to settle one job. Cancelling it takes it out of what waits. */
  CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
    Item item = new Item(settlement, deadline);
    synchronized (this) {
      if (waiting.size() >= MAX_WAITING) {
        return CompletableFuture.failedFuture(
            new OverloadedException(
                ErrorInfo.of(MAX_WAITING + " settlements wait to be sent", "Wait for some before settling more jobs")));
      }
      waiting.add(item);
    }
    signal();
    return item;
  }

  /** Sends what may be sent. A loop and not a recursion: a transport may complete at once. */
  private void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      for (Sending next = next(); next != null; next = next()) {
        try {
          next.send();
        } catch (Throwable thrown) {
          next.answered(null, thrown);
        }
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private synchronized @Nullable Sending next() {
    if (calls >= maxCalls) {
      return null;
    }
    List<Item> batch = new ArrayList<>(Math.min(maxBatch, waiting.size()));
    while (batch.size() < maxBatch && !waiting.isEmpty()) {
      Item item = waiting.poll();
      if (!item.isDone()) {
        batch.add(item);
      }
    }
    if (batch.isEmpty()) {
      return null;
    }
    calls++;
    return new Sending(batch);
  }

  private synchronized void sent() {
    calls--;
  }

  private final class Item extends CompletableFuture<Settlement.Result> {
    private final Settlement settlement;
    private final Deadline deadline;
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile @Nullable Sending sending;

    Item(Settlement settlement, Deadline deadline) {
      this.settlement = settlement;
      this.deadline = deadline;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean cancelled = super.cancel(mayInterrupt);
      Sending in = sending;
      if (cancelled && in != null) {
        in.leave(this);
      }
      return cancelled;
    }
  }

  /** One call. It is cancelled when nobody waits for it any more. */
  private final class Sending {
    private final List<Item> items;
    private final AtomicInteger interested;
    private volatile @Nullable CompletableFuture<?> call;

    Sending(List<Item> items) {
      this.items = items;
      this.interested = new AtomicInteger(items.size());
    }

    void send() {
      Deadline latest = items.get(0).deadline;
      List<Settlement> settlements = new ArrayList<>(items.size());
      for (Item item : items) {
        if (item.deadline.remainingNanos() > latest.remainingNanos()) {
          latest = item.deadline;
        }
        settlements.add(item.settlement);
        item.sending = this;
        if (item.isDone()) {
          leave(item);
        }
      }
      CompletableFuture<List<Outcome<Settlement.Result>>> answer;
      try {
        answer = Objects.requireNonNull(transport.settle(queue, settlements, latest), "a transport answered null");
      } catch (Throwable thrown) {
        answer = CompletableFuture.failedFuture(thrown);
      }
      call = answer;
      answer.whenComplete(this::answered);
      if (interested.get() <= 0) {
        answer.cancel(true);
      }
    }

    /** It was cancelled. Both who cancels and who sends may see that: it counts once, or the others would be cancelled with it. */
    void leave(Item item) {
      CompletableFuture<?> running = call;
      if (item.left.compareAndSet(false, true) && interested.decrementAndGet() == 0 && running != null) {
        running.cancel(true);
      }
    }

    private void answered(@Nullable List<Outcome<Settlement.Result>> outcomes, @Nullable Throwable error) {
      sent();
      try {
        for (int i = 0; i < items.size(); i++) {
          answer(items.get(i), i, outcomes, error);
        }
      } finally {
        signal();
      }
    }

    private void answer(Item item, int index, @Nullable List<Outcome<Settlement.Result>> outcomes, @Nullable Throwable error) {
      try {
        if (outcomes == null) {
          item.completeExceptionally(Objects.requireNonNull(error));
        } else {
          item.complete(outcomes.get(index).orThrow());
        }
      } catch (Throwable failed) {
        item.completeExceptionally(failed);
      }
    }
  }
}
