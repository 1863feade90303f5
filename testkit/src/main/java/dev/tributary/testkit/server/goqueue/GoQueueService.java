package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.routes.AdminRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.CooperativeRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.DelayedRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.GroupRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.KeyRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.MessageRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.PriorityRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.SchemaRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.SettleRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.SystemRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.TopicRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.TraceRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.Traces;
import dev.tributary.testkit.server.goqueue.internal.routes.TransactionRoutes;
import dev.tributary.testkit.server.goqueue.internal.store.Partitioner;
import dev.tributary.testkit.server.goqueue.internal.store.TopicDetails;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.RequestCounts;
import dev.tributary.testkit.server.internal.http.Sockets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A node of a GoQueue cluster, most often of one: what serves which routes, and the socket. */
final class GoQueueService implements Protocol.Service, ServerFaults.Listener {
  private final ServerOptions options;
  private final Sockets sockets;
  private final HttpFront http;
  private final GoQueueCluster cluster;

  GoQueueService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.sockets = Sockets.withoutPlainHttp2(vertx, options);
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
    this.cluster = options.first() instanceof GoQueueService first ? first.cluster : GoQueueCluster.of(options);
    Topics topics = cluster.topics();
    Traces traces = cluster.traces();
    TopicDetails details = new TopicDetails(topics, cluster.appends());
    RequestCounts requests = new RequestCounts();
    HttpRoutes system = HttpRoutes.withWholeVariables();
    new SystemRoutes(options.transport().health(), details, requests, options.time(), asShipped).on(system);
    HttpRoutes api = HttpRoutes.withWholeVariables();
    new TopicRoutes(topics, details).on(api);
    Partitioner partitioner = new Partitioner(topics, asShipped);
    new MessageRoutes(topics, cluster.appends(), cluster.delays(), cluster.reads(), partitioner, traces, options.time()).on(api);
    new DelayedRoutes(topics, cluster.delays(), options.time(), asShipped).on(api);
    GroupRoutes groups = new GroupRoutes(topics, cluster.consumption(), traces);
    groups.on(api);
    new CooperativeRoutes(groups, cluster.consumption()).on(api);
    new SettleRoutes(cluster.consumption(), traces).on(api);
    new PriorityRoutes(topics, asShipped).on(api);
    new SchemaRoutes(cluster.schemas()).on(api);
    new TransactionRoutes(cluster.transactions(), topics).on(api);
    new TraceRoutes(traces).on(api);
    new AdminRoutes().on(api);
    new KeyRoutes(cluster.keys(), options.time()).on(api);
    this.http = new HttpFront(new HttpSite(system, api, cluster.keys(), requests, options, faults), sockets.intake(), options.time());
    faults.listen(this);
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    cluster.consumption().start(this);
    return Future.fromCompletionStage(cluster.onStart().get())
        .compose(started -> sockets.listen(http, port))
        .map(main -> new Protocol.Ports(main, main))
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  @Override
  public Future<Void> close() {
    cluster.consumption().stop(this);
    return sockets.close();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    return (options.certificate() == null ? "goqueue://" : "goqueues://") + Sockets.address(host, ports.main());
  }

  /** There is nothing in band: every answer is of one request. */
  @Override
  public void inBand(int status) {}

  /** There are no subscriptions. */
  @Override
  public void cut(int status, String message) {}

  @Override
  public void goAway() {
    sockets.goAway();
  }
}
