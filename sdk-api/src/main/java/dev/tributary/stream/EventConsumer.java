package dev.tributary.stream;

import dev.tributary.AsyncCloseable;
import dev.tributary.BlockingHandler;
import dev.tributary.SubscriptionState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Reads a stream as a member of a group and commits how far it got. Open from the moment it is made.
 *
 * <p>Two ways to use it, not both at once: {@link #poll}, after which everything handed out by the poll <em>before</em> counts as
 * processed; or {@link #forEach}, which counts a message when its handler succeeded. What is committed is a watermark: the offset
 * after the longest run of processed messages without a gap, so a crash repeats messages but never skips one.
 *
 * <p>Thread-safe; futures complete on the callback executor.
 */
public interface EventConsumer<T> extends AsyncCloseable {
  /**
   * Takes up to {@code max} messages, waiting up to {@code wait} for the first. One that cannot be decoded, and is not to be left out, fails
   * the poll that finds nothing before it and nothing in other partitions.
   *
   * @return the messages, in order per partition; empty if none came in time. Only one poll at a time: a second fails with
   *     {@code InvalidRequestException}. Cancelling it takes nothing.
   */
  CompletableFuture<List<Message<T>>> poll(int max, Duration wait);

  /**
   * Gives every message to the handler: in order within a partition, partitions side by side. A message counts as processed when
   * the handler's stage completes. Handlers may block: they run on threads of the client's own, one for each partition at work, or on the
   * callback executor if the configuration names one.
   *
   * @return completes when the consumer is closed; fails with what the handler failed with, after which nothing more is handed
   *     out and the failed message stays uncommitted.
   */
  CompletableFuture<Void> forEach(Function<? super Message<T>, ? extends CompletionStage<?>> handler);

  /** The same with a handler that blocks: a message counts as processed when it returns. */
  CompletableFuture<Void> process(BlockingHandler<? super Message<T>> handler);

  /** Commits everything handed out by {@link #poll} so far, respectively what {@link #forEach} has processed without a gap. */
  CompletableFuture<Void> commit();

  /** Commits exactly this: partition to the <em>next</em> offset to read. May go backwards. */
  CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets);

  /** Continues at this place; what waits in the client from that partition is dropped. */
  CompletableFuture<Void> seek(Position position);

  /** Continues at the first message of every assigned partition. */
  CompletableFuture<Void> seekToBeginning();

  /** Continues with the first message published from now on. */
  CompletableFuture<Void> seekToEnd();

  /** Continues at the first message stored at this time or later. */
  CompletableFuture<Void> seekToTimestamp(Instant time);

  /** The next offset that {@link #poll} or {@link #forEach} would hand out, as far as the client knows; empty if it does not. */
  OptionalLong position(int partition);

  /** Hands out nothing from these partitions until resumed. Membership and leases of the group go on. */
  void pause(Set<Integer> partitions);

  /** Ends {@link #pause}. */
  void resume(Set<Integer> partitions);

  /** The partitions this member reads now. */
  Set<Integer> assignment();

  /** Where the consumer stands. */
  SubscriptionState state();

  /**
   * Stops reading, waits for running handlers (up to the drain timeout), commits what is processed (with auto-commit) and leaves the group.
   *
   * <p>A handler that has not ended by then is left alone: its message is not committed, and the close fails with
   * {@code CloseTimeoutException}, which names it, after committing the others and leaving.
   *
   * <p>A handler may close its own consumer, to stop at its message. The close waits until the handler has returned its stage, and not for
   * that stage. The message counts as processed if the stage is complete by then, or is the very future that this method returned.
   * A handler that blocks in {@link #close} is not waited for at all, and its message is not committed.
   */
  @Override
  CompletableFuture<Void> closeAsync(Duration within);
}
