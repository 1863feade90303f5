package org.example.orders;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.json.JsonCodec;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A service on futures, whose jobs are JSON. */
public final class OrderService implements AutoCloseable {
  /** What is ordered. */
  public record Order(String id, int pieces) {}

  private final JobQueue<Order> orders;
  private final Worker worker;

  public OrderService(Tributary tributary, Function<Order, CompletionStage<Void>> ship) {
    orders = tributary.queue("orders", JsonCodec.of(Order.class));
    worker = orders.worker(WorkerOptions.concurrency(4), job -> ship.apply(job.value()));
  }

  public CompletableFuture<EnqueueResult> order(Order order) {
    return orders.enqueue(order);
  }

  @Override
  public void close() {
    worker.close();
  }
}
