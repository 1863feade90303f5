package dev.tributary.vertx;

import dev.tributary.Transaction;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import io.vertx.core.Future;
import java.util.Optional;

/** {@link Transaction} for verticles; see {@link VertxTributary}. */
public final class VertxTransaction {
  private final Contexts contexts;
  private final Transaction transaction;

  VertxTransaction(Contexts contexts, Transaction transaction) {
    this.contexts = contexts;
    this.transaction = transaction;
  }

  /** See {@link Transaction#id}. */
  public String id() {
    return transaction.id();
  }

  /** See {@link Transaction#publish}. */
  public <T> Future<Optional<Position>> publish(VertxEventStream<T> stream, Event<T> event) {
    return contexts.future(transaction.publish(stream.stream, event));
  }

  /** See {@link Transaction#enqueue}. */
  public <T> Future<EnqueueResult> enqueue(VertxJobQueue<T> queue, NewJob<T> job) {
    return contexts.future(transaction.enqueue(queue.queue, job));
  }

  /** See {@link Transaction#commit}. */
  public Future<Void> commit() {
    return contexts.future(transaction.commit());
  }

  /** See {@link Transaction#abort}. */
  public Future<Void> abort() {
    return contexts.future(transaction.abort());
  }
}
