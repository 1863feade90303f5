package dev.tributary.examples.bench.goqueue;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Backend;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Vertx;
import java.util.List;

/** Topics of GoQueue, as streams and as queues. */
public final class GoQueueBackend implements Backend {
  @Override
  public String name() {
    return "goqueue";
  }

  @Override
  public int defaultPort() {
    return 8080;
  }

  @Override
  public List<Operation> operations() {
    return List.of(
        Operation.PUBLISH_ONE,
        Operation.PUBLISH_ALL,
        Operation.PUBLISH_BATCHED,
        Operation.READ,
        Operation.SUBSCRIBE,
        Operation.RECEIVE_AND_ACK);
  }

  @Override
  public List<Subject> handWritten(Vertx vertx, Endpoint server, Work work) {
    return List.of(new GoQueueOnWebClient(vertx, server, work));
  }
}
