package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Somebody who wants jobs. All but the future itself is the {@link QueuePoller}'s, on its loop. */
final class Receive extends CompletableFuture<List<LeasedJob>> {
  final int max;
  final Duration lease;
  final long end;
  private final QueuePoller poller;

  /** The poll that asks for this one too; null if none does. */
  QueuePoller.@Nullable Poll poll;
  /** Whether one has asked for it. */
  boolean looked;
  TimeSource.@Nullable Timer timer;

  Receive(QueuePoller poller, int max, Duration lease, long end) {
    this.poller = poller;
    this.max = max;
    this.lease = lease;
    this.end = end;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      poller.left(this);
    }
    return cancelled;
  }
}
