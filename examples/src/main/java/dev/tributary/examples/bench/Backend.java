package dev.tributary.examples.bench;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.disheap.DisheapBackend;
import dev.tributary.examples.bench.flowmesh.FlowMeshBackend;
import dev.tributary.examples.bench.flymq.FlyMqBackend;
import dev.tributary.examples.bench.goqueue.GoQueueBackend;
import io.vertx.core.Vertx;
import java.util.List;

/** A backend: what is measured of it, and the clients written by hand that the SDK is compared with. */
public interface Backend {
  /** All there are. */
  List<Backend> ALL = List.of(new FlowMeshBackend(), new DisheapBackend(), new GoQueueBackend(), new FlyMqBackend());

  /** Its name in URIs. */
  String name();

  /** Where its servers listen by default. */
  int defaultPort();

  /** What is measured, in the order of the table. */
  List<Operation> operations();

  /** The clients written by hand. They leave {@code vertx} open. */
  List<Subject> handWritten(Vertx vertx, Endpoint server, Work work);
}
