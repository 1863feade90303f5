package dev.tributary.vertx;

import dev.tributary.SubscriptionState;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** {@link EventConsumer} for verticles; see {@link VertxTributary}. */
public final class VertxEventConsumer<T> {
  private final Contexts contexts;
  private final EventConsumer<T> consumer;

  VertxEventConsumer(Contexts contexts, EventConsumer<T> consumer) {
    this.contexts = contexts;
    this.consumer = consumer;
  }

  /** See {@link EventConsumer#poll}. */
  public Future<List<Message<T>>> poll(int max, Duration wait) {
    return contexts.future(consumer.poll(max, wait));
  }

  /** See {@link EventConsumer#forEach}. The handler is called on the caller's context. */
  public Future<Void> forEach(Function<? super Message<T>, ? extends Future<?>> handler) {
    return contexts.future(consumer.forEach(contexts.handler(handler)));
  }

  /** See {@link EventConsumer#commit()}. */
  public Future<Void> commit() {
    return contexts.future(consumer.commit());
  }

  /** See {@link EventConsumer#commit(Map)}. */
  public Future<Void> commit(Map<Integer, Long> nextOffsets) {
    return contexts.future(consumer.commit(nextOffsets));
  }

  /** See {@link EventConsumer#seek}. */
  public Future<Void> seek(Position position) {
    return contexts.future(consumer.seek(position));
  }

  /** See {@link EventConsumer#seekToBeginning}. */
  public Future<Void> seekToBeginning() {
    return contexts.future(consumer.seekToBeginning());
  }

  /** See {@link EventConsumer#seekToEnd}. */
  public Future<Void> seekToEnd() {
    return contexts.future(consumer.seekToEnd());
  }

  /** See {@link EventConsumer#seekToTimestamp}. */
  public Future<Void> seekToTimestamp(Instant time) {
    return contexts.future(consumer.seekToTimestamp(time));
  }

  /** See {@link EventConsumer#position}. */
  public OptionalLong position(int partition) {
    return consumer.position(partition);
  }

  /** See {@link EventConsumer#pause}. */
  public void pause(Set<Integer> partitions) {
    consumer.pause(partitions);
  }

  /** See {@link EventConsumer#resume}. */
  public void resume(Set<Integer> partitions) {
    consumer.resume(partitions);
  }

  /** See {@link EventConsumer#assignment}. */
  public Set<Integer> assignment() {
    return consumer.assignment();
  }

  /** See {@link EventConsumer#state}. */
  public SubscriptionState state() {
    return consumer.state();
  }

  /** See {@link EventConsumer#closeAsync}. */
  public Future<Void> close() {
    return contexts.future(consumer.closeAsync());
  }

  /** See {@link EventConsumer#closeAsync(Duration)}. */
  public Future<Void> close(Duration within) {
    return contexts.future(consumer.closeAsync(within));
  }
}
