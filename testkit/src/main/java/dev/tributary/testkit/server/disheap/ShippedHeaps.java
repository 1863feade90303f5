package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The heaps of the shipped engine: those it has touched since it runs are the only ones it would list. */
final class ShippedHeaps extends Heaps {
  private final Set<String> touched = ConcurrentHashMap.newKeySet();

  ShippedHeaps(ServerOptions options, ServerFaults faults) {
    super(options, faults);
  }

  @Override
  CompletableFuture<Heap> find(String topic, Deadline deadline) {
    return touching(super.find(topic, deadline));
  }

  @Override
  CompletableFuture<Heap> make(MakeHeapReq request, Deadline deadline) {
    return touching(super.make(request, deadline));
  }

  private CompletableFuture<Heap> touching(CompletableFuture<Heap> found) {
    return Steps.map(
        found,
        heap -> {
          touched.add(heap.topic());
          return heap;
        });
  }

  boolean touched(Heap heap) {
    return touched.contains(heap.topic());
  }

  @Override
  void restarted() {
    touched.clear();
  }
}
