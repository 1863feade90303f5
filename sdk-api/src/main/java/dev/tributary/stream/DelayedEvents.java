package dev.tributary.stream;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The events of a stream that wait for their time. Futures complete within the client's deadline, on its callback executor. */
public interface DelayedEvents {
  /** Up to {@code max} of them, those that are due first. */
  CompletableFuture<List<DelayedEvent>> list(int max);

  /** The one that was published there; empty if none waits there: it was delivered or cancelled, or there never was one. */
  CompletableFuture<Optional<DelayedEvent>> find(Position position);

  /** Drops the one that was published there; fails with {@code NotFoundException} if none waits there. */
  CompletableFuture<Void> cancel(Position position);
}
