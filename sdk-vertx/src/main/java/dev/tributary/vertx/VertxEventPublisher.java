package dev.tributary.vertx;

import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Position;
import io.vertx.core.Future;
import java.time.Duration;

/** {@link EventPublisher} for verticles; see {@link VertxTributary}. */
public final class VertxEventPublisher<T> {
  private final Contexts contexts;
  private final EventPublisher<T> publisher;

  VertxEventPublisher(Contexts contexts, EventPublisher<T> publisher) {
    this.contexts = contexts;
    this.publisher = publisher;
  }

  /** See {@link EventPublisher#publish(Object)}. */
  public Future<Position> publish(T value) {
    return contexts.future(publisher.publish(value));
  }

  /** See {@link EventPublisher#publish(Event)}. */
  public Future<Position> publish(Event<T> event) {
    return contexts.future(publisher.publish(event));
  }

  /** See {@link EventPublisher#ready}. */
  public Future<Void> ready() {
    return contexts.future(publisher.ready());
  }

  /** See {@link EventPublisher#flush}. */
  public Future<Void> flush() {
    return contexts.future(publisher.flush());
  }

  /** See {@link EventPublisher#closeAsync}. */
  public Future<Void> close() {
    return contexts.future(publisher.closeAsync());
  }

  /** See {@link EventPublisher#closeAsync(Duration)}. */
  public Future<Void> close(Duration within) {
    return contexts.future(publisher.closeAsync(within));
  }
}
