package dev.tributary.vertx;

import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.stream.Position;
import dev.tributary.stream.StreamMessage;
import dev.tributary.stream.StreamsConsumer;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** {@link StreamsConsumer} for verticles; see {@link VertxTributary}. */
public final class VertxStreamsConsumer<T> {
  private final Contexts contexts;
  private final StreamsConsumer<T> consumer;

  VertxStreamsConsumer(Contexts contexts, StreamsConsumer<T> consumer) {
    this.contexts = contexts;
    this.consumer = consumer;
  }

  /** See {@link StreamsConsumer#poll}. */
  public Future<List<StreamMessage<T>>> poll(int max, Duration wait) {
    return contexts.future(consumer.poll(max, wait));
  }

  /** See {@link StreamsConsumer#forEach}. The handler is called on the caller's context. */
  public Future<Void> forEach(Function<? super StreamMessage<T>, ? extends Future<?>> handler) {
    return contexts.future(consumer.forEach(contexts.handler(handler)));
  }

  /** See {@link StreamsConsumer#commit()}. */
  public Future<Void> commit() {
    return contexts.future(consumer.commit());
  }

  /** See {@link StreamsConsumer#commit(ResourceName, Map)}. */
  public Future<Void> commit(ResourceName stream, Map<Integer, Long> nextOffsets) {
    return contexts.future(consumer.commit(stream, nextOffsets));
  }

  /** See {@link StreamsConsumer#seek}. */
  public Future<Void> seek(ResourceName stream, Position position) {
    return contexts.future(consumer.seek(stream, position));
  }

  /** See {@link StreamsConsumer#seekToBeginning}. */
  public Future<Void> seekToBeginning() {
    return contexts.future(consumer.seekToBeginning());
  }

  /** See {@link StreamsConsumer#seekToEnd}. */
  public Future<Void> seekToEnd() {
    return contexts.future(consumer.seekToEnd());
  }

  /** See {@link StreamsConsumer#seekToTimestamp}. */
  public Future<Void> seekToTimestamp(Instant time) {
    return contexts.future(consumer.seekToTimestamp(time));
  }

  /** See {@link StreamsConsumer#position}. */
  public OptionalLong position(ResourceName stream, int partition) {
    return consumer.position(stream, partition);
  }

  /** See {@link StreamsConsumer#pause}. */
  public void pause(ResourceName stream, Set<Integer> partitions) {
    consumer.pause(stream, partitions);
  }

  /** See {@link StreamsConsumer#resume}. */
  public void resume(ResourceName stream, Set<Integer> partitions) {
    consumer.resume(stream, partitions);
  }

  /** See {@link StreamsConsumer#assignment}. */
  public Map<ResourceName, Set<Integer>> assignment() {
    return consumer.assignment();
  }

  /** See {@link StreamsConsumer#refresh}. */
  public Future<Void> refresh() {
    return contexts.future(consumer.refresh());
  }

  /** See {@link StreamsConsumer#state}. */
  public SubscriptionState state() {
    return consumer.state();
  }

  /** See {@link StreamsConsumer#closeAsync}. */
  public Future<Void> close() {
    return contexts.future(consumer.closeAsync());
  }

  /** See {@link StreamsConsumer#closeAsync(Duration)}. */
  public Future<Void> close(Duration within) {
    return contexts.future(consumer.closeAsync(within));
  }
}
