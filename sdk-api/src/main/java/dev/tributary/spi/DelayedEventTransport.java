package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Events that wait for their time. See {@link Transport} for what holds for every method. */
public interface DelayedEventTransport {
  /** Up to {@code max}, those that are due first. */
  CompletableFuture<List<DelayedEvent>> list(ResourceName stream, int max, Deadline deadline);

  /** The one that was published there; empty if none waits there. */
  CompletableFuture<Optional<DelayedEvent>> find(ResourceName stream, Position position, Deadline deadline);

  /** Drops the one that was published there; {@code NotFoundException} if none waits there. */
  CompletableFuture<Void> cancel(ResourceName stream, Position position, Deadline deadline);
}
