package dev.tributary.stream;

import dev.tributary.AsyncCloseable;
import dev.tributary.BlockingHandler;
import dev.tributary.ResourceName;
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
 * Reads several streams as a member of a group, as an {@link EventConsumer} reads one, and commits in each how far it got. Open from the moment it is
 * made.
 *
 * <p>It takes from the streams by turns, so that none starves the others, and in order within a partition. What waits in the client is bounded for
 * all of them together: each has an equal part of the prefetch, at least one message.
 *
 * <p>The streams of a pattern are those that are there. They are looked up when the consumer is made, every {@link StreamSelection#refresh}, and by
 * {@link #refresh}. Those of the first look begin where the options say. One that is found later begins where the group stopped, else at its first
 * message, so that nothing is missed that was published before it was found. One that was deleted leaves without an error, with what waits of it in the
 * client; if it comes again it is another stream, and begins at its first message. Until a pattern matches something the consumer waits.
 *
 * <p>A stream that cannot be read on for another reason ends the consumer, as it would end a consumer of its own: what came of it is still handed out,
 * then {@link #poll} and {@link #forEach} fail with the error, which names the stream. So does a stream that is given by name and does not exist.
 *
 * <p>Thread-safe; futures complete on the callback executor. {@link ConsumerOptions#onAssigned} and {@code onRevoked} are told of the partitions of each
 * stream.
 */
public interface StreamsConsumer<T> extends AsyncCloseable {
  /**
   * Takes up to {@code max} messages, waiting up to {@code wait} for the first; everything handed out by the poll before counts as processed.
   *
   * @return the messages, in order per partition; empty if none came in time. Only one poll at a time: a second fails with
   *     {@code InvalidRequestException}. Cancelling it takes nothing.
   */
  CompletableFuture<List<StreamMessage<T>>> poll(int max, Duration wait);

  /**
   * Gives every message to the handler: in order within a partition, partitions and streams side by side; see {@link EventConsumer#forEach}.
   *
   * @return completes when the consumer is closed; fails with what the handler failed with, after which nothing more is handed out of any stream and
   *     the failed message stays uncommitted, unless the consumer has a policy of redelivery: then it comes again, and may become a dead letter of its
   *     stream.
   */
  CompletableFuture<Void> forEach(Function<? super StreamMessage<T>, ? extends CompletionStage<?>> handler);

  /** The same with a handler that blocks: a message counts as processed when it returns. */
  CompletableFuture<Void> process(BlockingHandler<? super StreamMessage<T>> handler);

  /** Commits in every stream what was handed out by {@link #poll} so far, respectively what {@link #forEach} has processed without a gap. */
  CompletableFuture<Void> commit();

  /** Commits exactly this in one of the streams: partition to the <em>next</em> offset to read. May go backwards. */
  CompletableFuture<Void> commit(ResourceName stream, Map<Integer, Long> nextOffsets);

  /** Continues one of the streams at this place; what waits in the client from that partition is dropped. */
  CompletableFuture<Void> seek(ResourceName stream, Position position);

  /** Continues at the first message of every assigned partition of every stream. */
  CompletableFuture<Void> seekToBeginning();

  /** Continues with the first message published from now on, in every stream. */
  CompletableFuture<Void> seekToEnd();

  /** Continues at the first message stored at this time or later, in every stream. */
  CompletableFuture<Void> seekToTimestamp(Instant time);

  /** The next offset that would be handed out, as far as the client knows; empty if it does not, or does not read the stream. */
  OptionalLong position(ResourceName stream, int partition);

  /**
   * Hands out nothing from these partitions of one of the streams until resumed.
   *
   * @throws dev.tributary.error.InvalidRequestException if the stream is not read
   */
  void pause(ResourceName stream, Set<Integer> partitions);

  /**
   * Ends {@link #pause}.
   *
   * @throws dev.tributary.error.InvalidRequestException if the stream is not read
   */
  void resume(ResourceName stream, Set<Integer> partitions);

  /** The streams that are read now, and the partitions of each that this member reads. */
  Map<ResourceName, Set<Integer>> assignment();

  /**
   * Looks now which streams match the patterns. One that is not listed leaves when its reading finds it deleted, or when the next look does not find it
   * either.
   *
   * @return completes when those that came are being read; fails if the look failed: then the streams stay what they are. Completes at once if there
   *     is no pattern.
   */
  CompletableFuture<Void> refresh();

  /**
   * Where the consumer stands: {@code RECONNECTING} while one of the streams is, and while the last look at the streams has failed;
   * {@code CONNECTING} until the first of the streams is live, or it is known that there are none.
   */
  SubscriptionState state();

  /**
   * Stops reading, waits for running handlers (up to the drain timeout), commits what is processed (with auto-commit) and leaves the group, in all streams
   * side by side and within this one time; see {@link EventConsumer#closeAsync}.
   */
  @Override
  CompletableFuture<Void> closeAsync(Duration within);
}
