package dev.tributary.examples.bench.flymq;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Backend;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** Topics of FlyMQ, as streams. */
public final class FlyMqBackend implements Backend {
  @Override
  public String name() {
    return "flymq";
  }

  @Override
  public int defaultPort() {
    return 9092;
  }

  @Override
  public List<Operation> operations() {
    return List.of(
        Operation.PUBLISH_ALONE,
        Operation.PUBLISH_ONE,
        Operation.PUBLISH_TO_FOUR,
        Operation.READ_PAGE,
        Operation.SUBSCRIBE,
        Operation.SUBSCRIBE_SIDE_BY_SIDE,
        Operation.SUBSCRIBE_FILTERED);
  }

  @Override
  public List<Subject> handWritten(Vertx vertx, Endpoint server, Work work) {
    ForkJoinPool pool =
        new ForkJoinPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()), ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true);
    return List.of(new FlyMqOnNetSocket(vertx, server, work, null), new FlyMqOnNetSocket(vertx, server, work, pool));
  }
}
