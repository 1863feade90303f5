package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.flymq.internal.calls.AccessCalls;
import dev.tributary.testkit.server.flymq.internal.calls.AuditCalls;
import dev.tributary.testkit.server.flymq.internal.calls.Audited;
import dev.tributary.testkit.server.flymq.internal.calls.DeadLetterCalls;
import dev.tributary.testkit.server.flymq.internal.calls.GroupCalls;
import dev.tributary.testkit.server.flymq.internal.calls.Operations;
import dev.tributary.testkit.server.flymq.internal.calls.RecordCalls;
import dev.tributary.testkit.server.flymq.internal.calls.SchemaCalls;
import dev.tributary.testkit.server.flymq.internal.calls.TopicCalls;
import dev.tributary.testkit.server.flymq.internal.calls.TransactionCalls;
import dev.tributary.testkit.server.flymq.internal.link.Listener;
import dev.tributary.testkit.server.flymq.internal.store.Nodes;
import dev.tributary.testkit.server.flymq.internal.store.Records;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.Sockets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Executor;

/** A node of a FlyMQ cluster: what does which operation, and the socket. */
final class FlyMqService implements Protocol.Service, ServerFaults.Listener {
  private final ServerOptions options;
  private final ServerFaults faults;
  private final FlyMqCluster cluster;
  private final String node;
  private final Listener listener;

  FlyMqService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.faults = faults;
    Executor workers = task -> vertx.executeBlocking(() -> run(task), false);
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_FLYMQ);
    boolean features = !options.quirks().contains(Quirk.FLYMQ_FEATURES_OFF);
    FlyMqCluster joined = options.first() instanceof FlyMqService first ? first.cluster : null;
    Topics topics = joined == null ? new Topics(options.transport(), options.createOnFirstUse()) : joined.topics();
    Records records = new Records(topics, workers);
    this.cluster = joined == null ? FlyMqCluster.of(options, records, topics) : joined;
    this.node = cluster.nodes().nextId();
    Audited audited = new Audited(cluster.trail(), node);
    Operations operations = new Operations();
    RecordCalls recordCalls = new RecordCalls(topics, records, options.time(), features, asShipped);
    recordCalls.on(operations);
    new TopicCalls(topics, cluster.nodes(), audited).on(operations);
    new GroupCalls(topics, cluster.groups(), asShipped).on(operations);
    new SchemaCalls(topics, recordCalls, features, asShipped).on(operations);
    new DeadLetterCalls(cluster.deadLetters(), workers, features).on(operations);
    new TransactionCalls(cluster.transactions(), recordCalls, options.time(), features).on(operations);
    new AccessCalls(cluster.directory(), topics, audited, workers).on(operations);
    new AuditCalls(cluster.trail()).on(operations);
    this.listener = new Listener(vertx, options, new FlyMqDesk(cluster, operations, audited, workers, options, faults));
    faults.listen(this);
  }

  private static boolean run(Runnable task) {
    task.run();
    return true;
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    return listener
        .listen(port)
        .map(
            main -> {
              cluster.nodes().up(new Nodes.Node(node, Sockets.address(options.host(), main)), faults);
              return new Protocol.Ports(main, main);
            })
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  @Override
  public Future<Void> close() {
    cluster.nodes().down(node);
    return listener.close();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    return (options.certificate() == null ? "flymq://" : "flymqs://") + Sockets.address(host, ports.main());
  }

  /** There is nothing in band: every answer is of one request. */
  @Override
  public void inBand(int status) {}

  /** There are no subscriptions. */
  @Override
  public void cut(int status, String message) {}

  @Override
  public void goAway() {
    listener.goAway();
  }
}
