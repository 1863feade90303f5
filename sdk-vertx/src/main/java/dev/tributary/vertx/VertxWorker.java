package dev.tributary.vertx;

import dev.tributary.SubscriptionState;
import dev.tributary.queue.Worker;
import io.vertx.core.Future;
import java.time.Duration;

/** {@link Worker} for verticles; see {@link VertxTributary}. */
public final class VertxWorker {
  private final Contexts contexts;
  private final Worker worker;

  VertxWorker(Contexts contexts, Worker worker) {
    this.contexts = contexts;
    this.worker = worker;
  }

  /** See {@link Worker#state}. */
  public SubscriptionState state() {
    return worker.state();
  }

  /** See {@link Worker#stats}. */
  public Worker.Stats stats() {
    return worker.stats();
  }

  /** See {@link Worker#ended}. */
  public Future<Void> ended() {
    return contexts.future(worker.ended());
  }

  /** See {@link Worker#closeAsync}. */
  public Future<Void> close() {
    return contexts.future(worker.closeAsync());
  }

  /** See {@link Worker#closeAsync(Duration)}. */
  public Future<Void> close(Duration within) {
    return contexts.future(worker.closeAsync(within));
  }
}
