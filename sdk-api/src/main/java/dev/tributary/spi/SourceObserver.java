package dev.tributary.spi;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Receives what a {@link Source} delivers. Calls never overlap and are in order; an implementation must not block or throw. */
public interface SourceObserver<T> {
  /** One item, within the demand. */
  void onItem(T item);

  /** The state changed; not called for {@link SubscriptionState#CLOSED}, which {@link #onEnd} says. */
  default void onState(SubscriptionState state) {}

  /** Partitions this source reads from now on, besides those it has already. Called before the first item of each. */
  default void onAssigned(Set<Integer> partitions) {}

  /** Partitions this source no longer reads: commits for them would fail. */
  default void onRevoked(Set<Integer> partitions) {}

  /** The last call: null after a close, else why it cannot go on. */
  void onEnd(@Nullable TributaryException error);
}
