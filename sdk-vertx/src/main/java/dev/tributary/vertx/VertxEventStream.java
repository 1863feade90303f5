package dev.tributary.vertx;

import dev.tributary.EventStream;
import dev.tributary.ResourceName;
import dev.tributary.filter.EventFilter;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.SubscribeOptions;
import io.vertx.core.Future;
import io.vertx.core.streams.ReadStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** {@link EventStream} for verticles; see {@link VertxTributary}. */
public final class VertxEventStream<T> {
  /** The subscription has a prefetch of its own behind this. */
  private static final int WINDOW = 64;

  private final Contexts contexts;
  final EventStream<T> stream;

  VertxEventStream(Contexts contexts, EventStream<T> stream) {
    this.contexts = contexts;
    this.stream = stream;
  }

  /** See {@link EventStream#name}. */
  public ResourceName name() {
    return stream.name();
  }

  /** See {@link EventStream#publish(Object)}. */
  public Future<Position> publish(T value) {
    return contexts.future(stream.publish(value));
  }

  /** See {@link EventStream#publish(Event)}. */
  public Future<Position> publish(Event<T> event) {
    return contexts.future(stream.publish(event));
  }

  /** See {@link EventStream#publishAll}. */
  public Future<List<Position>> publishAll(List<Event<T>> events) {
    return contexts.future(stream.publishAll(events));
  }

  /** See {@link EventStream#publisher()}. */
  public VertxEventPublisher<T> publisher() {
    return new VertxEventPublisher<>(contexts, stream.publisher());
  }

  /** See {@link EventStream#publisher(PublisherOptions)}. */
  public VertxEventPublisher<T> publisher(PublisherOptions options) {
    return new VertxEventPublisher<>(contexts, stream.publisher(options));
  }

  /** See {@link #publishFrom(ReadStream, PublisherOptions)}. */
  public VertxReadStream<Position> publishFrom(ReadStream<Event<T>> events) {
    return publishFrom(events, PublisherOptions.DEFAULT);
  }

  /**
   * See {@link EventStream#publishFrom(java.util.concurrent.Flow.Publisher, PublisherOptions)}. Nothing is published before the positions have a
   * handler; then as many events may be under way as the options allow. The source has no handlers yet: it gets those of this, and is used on the
   * caller's context alone.
   */
  public VertxReadStream<Position> publishFrom(ReadStream<Event<T>> events, PublisherOptions options) {
    return contexts.stream(
        stream.publishFrom(contexts.publisher(events), options), options.maxInFlightEvents(), Function.identity(), position -> {});
  }

  /** See {@link EventStream#read(int, long, int)}. */
  public Future<List<Message<T>>> read(int partition, long offset, int max) {
    return contexts.future(stream.read(partition, offset, max));
  }

  /** See {@link EventStream#read(int, long, int, EventFilter)}. */
  public Future<ReadResult<T>> read(int partition, long offset, int max, EventFilter filter) {
    return contexts.future(stream.read(partition, offset, max, filter));
  }

  /** See {@link EventStream#subscribe()}. */
  public VertxReadStream<Message<T>> subscribe() {
    return subscribe(SubscribeOptions.DEFAULT);
  }

  /** See {@link EventStream#subscribe(SubscribeOptions)}. The state listener is called on the caller's context. */
  public VertxReadStream<Message<T>> subscribe(SubscribeOptions options) {
    SubscribeOptions onContext =
        options
            .toBuilder()
            .onState(contexts.listener(options.onState()))
            .onAssigned(contexts.listener(options.onAssigned()))
            .onRevoked(contexts.listener(options.onRevoked()))
            .build();
    return contexts.stream(stream.subscribe(onContext), WINDOW, Function.identity(), message -> {});
  }

  /** See {@link EventStream#consumer(String)}. */
  public VertxEventConsumer<T> consumer(String group) {
    return new VertxEventConsumer<>(contexts, stream.consumer(group));
  }

  /** See {@link EventStream#consumer(ConsumerOptions)}. Listeners are called on the caller's context, and not waited for. */
  public VertxEventConsumer<T> consumer(ConsumerOptions options) {
    return new VertxEventConsumer<>(contexts, stream.consumer(contexts.options(options)));
  }

  /** See {@link EventStream#commit}. */
  public Future<Void> commit(String group, Position next) {
    return contexts.future(stream.commit(group, next));
  }

  /** See {@link EventStream#committed}. */
  public Future<OptionalLong> committed(String group, int partition) {
    return contexts.future(stream.committed(group, partition));
  }

  /** See {@link EventStream#latestOffset}. */
  public Future<OptionalLong> latestOffset(int partition) {
    return contexts.future(stream.latestOffset(partition));
  }

  /** See {@link EventStream#partitions}. */
  public Future<Integer> partitions() {
    return contexts.future(stream.partitions());
  }

  /** See {@link EventStream#groupState}. */
  public Future<GroupState> groupState(String group) {
    return contexts.future(stream.groupState(group));
  }

  /** See {@link EventStream#groups}. */
  public Future<List<String>> groups() {
    return contexts.future(stream.groups());
  }

  /** See {@link EventStream#deleteGroup}. */
  public Future<Void> deleteGroup(String group) {
    return contexts.future(stream.deleteGroup(group));
  }

  /** See {@link EventStream#delayed}. */
  public VertxDelayedEvents delayed() {
    return new VertxDelayedEvents(contexts, stream.delayed());
  }

  /** See {@link EventStream#replays}. */
  public VertxReplays replays() {
    return new VertxReplays(contexts, stream.replays());
  }

  /** See {@link EventStream#deadLetters}. */
  public VertxDeadLetters<T> deadLetters() {
    return new VertxDeadLetters<>(contexts, stream.deadLetters());
  }
}
