package dev.tributary.examples.bench.disheap;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Backend;
import dev.tributary.examples.bench.GrpcJava;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.VertxGrpc;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Vertx;
import java.util.List;

/** Queues of Disheap. */
public final class DisheapBackend implements Backend {
  @Override
  public String name() {
    return "disheap";
  }

  @Override
  public int defaultPort() {
    return 9090;
  }

  @Override
  public List<Operation> operations() {
    return List.of(Operation.ENQUEUE, Operation.ENQUEUE_BATCH, Operation.POP_AND_ACK);
  }

  @Override
  public List<Subject> handWritten(Vertx vertx, Endpoint server, Work work) {
    return List.of(
        new DisheapOnVertx(new VertxGrpc(vertx, server), new DisheapRequests(work, "bench-vertx"), work),
        new DisheapOnGrpcJava(new GrpcJava(server, GrpcJava.Threads.POOL), new DisheapRequests(work, "bench-grpc"), work),
        new DisheapOnGrpcJava(new GrpcJava(server, GrpcJava.Threads.DIRECT), new DisheapRequests(work, "bench-grpc-direct"), work));
  }
}
