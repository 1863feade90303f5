package dev.tributary.examples.bench.flowmesh;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Backend;
import dev.tributary.examples.bench.GrpcJava;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.VertxGrpc;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Vertx;
import java.util.List;

/** Streams, queues and key-value of FlowMesh. */
public final class FlowMeshBackend implements Backend {
  @Override
  public String name() {
    return "flowmesh";
  }

  @Override
  public int defaultPort() {
    return 50051;
  }

  @Override
  public List<Operation> operations() {
    return List.of(
        Operation.PUBLISH_ONE,
        Operation.PUBLISH_ALL,
        Operation.PUBLISH_BATCHED,
        Operation.READ,
        Operation.SUBSCRIBE,
        Operation.ENQUEUE,
        Operation.RECEIVE_AND_ACK,
        Operation.PUT,
        Operation.GET);
  }

  @Override
  public List<Subject> handWritten(Vertx vertx, Endpoint server, Work work) {
    FlowMeshRequests requests = new FlowMeshRequests(work.payload());
    return List.of(
        new FlowMeshOnVertx(vertx, new VertxGrpc(vertx, server), requests, work.taken()),
        new FlowMeshOnGrpcJava(new GrpcJava(server, GrpcJava.Threads.POOL), requests, work.taken()),
        new FlowMeshOnGrpcJava(new GrpcJava(server, GrpcJava.Threads.DIRECT), requests, work.taken()));
  }
}
