package dev.tributary.vertx;

import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.DelayedEvents;
import dev.tributary.stream.Position;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** {@link DelayedEvents} for verticles; see {@link VertxTributary}. */
public final class VertxDelayedEvents {
  private final Contexts contexts;
  private final DelayedEvents delayed;

  VertxDelayedEvents(Contexts contexts, DelayedEvents delayed) {
    this.contexts = contexts;
    this.delayed = delayed;
  }

  /** See {@link DelayedEvents#list}. */
  public Future<List<DelayedEvent>> list(int max) {
    return contexts.future(delayed.list(max));
  }

  /** See {@link DelayedEvents#find}. */
  public Future<Optional<DelayedEvent>> find(Position position) {
    return contexts.future(delayed.find(position));
  }

  /** See {@link DelayedEvents#cancel}. */
  public Future<Void> cancel(Position position) {
    return contexts.future(delayed.cancel(position));
  }
}
