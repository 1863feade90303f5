package dev.tributary.spi;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Receives what a {@link Source} delivers. Calls never overlap and are in order; an implementation must not block or throw. */
public interface SourceObserver<T> {
  /** One item, within the demand. */
  void onItem(T item);

  /**
   * Items that follow one another without a pause: {@code items} calls {@link #onItem} for each. Who hands them on to another thread may do so when it
   * returns, and wakes that once. There may be one within another, and none of a source that has single items.
   */
  default void onBurst(Runnable items) {
    items.run();
  }

  /**
   * How many bytes more fit into what waits for the user. At zero or below nothing is to be delivered, however much demand there is, until
   * {@link Source#request} is called again; an item may be larger than the room. May be asked from any thread.
   */
  default long room() {
    return Long.MAX_VALUE;
  }

  /**
   * With a filter: what lies before this offset of a partition, and was not delivered, does not match, or is not there. In order with the items; told
   * when nothing before it is still to be delivered, be it that something came or not.
   */
  default void onPassed(int partition, long next) {}

  /** The state changed; not called for {@link SubscriptionState#CLOSED}, which {@link #onEnd} says. */
  default void onState(SubscriptionState state) {}

  /**
   * Partitions this source reads from now on, besides those it has already. Called before the first item of each; the first time also if there
   * are none.
   */
  default void onAssigned(Set<Integer> partitions) {}

  /**
   * Partitions that this source is about to hand over. It delivers nothing more from them, and hands them over when the returned future
   * completes, however it does, or when it can wait no longer: until then commits for them count. Completes without being waited for where
   * the backend cannot wait.
   */
  default CompletableFuture<Void> onRevoking(Set<Integer> partitions) {
    return CompletableFuture.completedFuture(null);
  }

  /** Partitions this source no longer reads: commits for them would fail. */
  default void onRevoked(Set<Integer> partitions) {}

  /** The last call: null after a close, else why it cannot go on. */
  void onEnd(@Nullable TributaryException error);
}
