package dev.tributary.testkit.server.goqueue;

import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.goqueue.internal.routes.AdminRoutes;
import dev.tributary.testkit.server.goqueue.internal.routes.ApiKeys;
import dev.tributary.testkit.server.goqueue.internal.routes.Consumption;
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
import dev.tributary.testkit.server.goqueue.internal.schemas.Schemas;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedDelays;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedReads;
import dev.tributary.testkit.server.goqueue.internal.shipped.ShippedTransactions;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Delays;
import dev.tributary.testkit.server.goqueue.internal.store.DemoOrders;
import dev.tributary.testkit.server.goqueue.internal.store.KeptDelays;
import dev.tributary.testkit.server.goqueue.internal.store.Partitioner;
import dev.tributary.testkit.server.goqueue.internal.store.Reads;
import dev.tributary.testkit.server.goqueue.internal.store.TopicDetails;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.RequestCounts;
import dev.tributary.testkit.server.internal.http.Sockets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A GoQueue server: what serves which routes, and the socket. What it remembers lives as long as this, through every restart. */
final class GoQueueService implements Protocol.Service, ServerFaults.Listener {
  private final ServerOptions options;
  private final Sockets sockets;
  private final HttpFront http;
  private final Supplier<CompletableFuture<?>> onStart;
  private final Consumption consumption;

  GoQueueService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.sockets = Sockets.withoutPlainHttp2(vertx, options);
    ApiKeys keys = new ApiKeys(options.tokens(), options.time());
    Topics topics = new Topics(options.transport());
    Appends appends = new Appends(topics);
    boolean asShipped = options.quirks().contains(Quirk.SHIPPED_GOQUEUE);
    Traces traces = new Traces(options.time(), !asShipped);
    topics.onDelete(traces::forget);
    ShippedDelays shipped = asShipped ? new ShippedDelays(appends, options.time()) : null;
    Delays delays = shipped == null ? new KeptDelays(topics, appends, options.time()) : shipped;
    Reads reads = shipped == null ? new Reads(topics) : new ShippedReads(topics, shipped);
    this.consumption = new Consumption(topics, appends, reads, options);
    TopicDetails details = new TopicDetails(topics, appends);
    RequestCounts requests = new RequestCounts();
    HttpRoutes system = HttpRoutes.withWholeVariables();
    new SystemRoutes(options.transport().health(), details, requests, options.time(), asShipped).on(system);
    HttpRoutes api = HttpRoutes.withWholeVariables();
    new TopicRoutes(topics, details).on(api);
    new MessageRoutes(topics, appends, delays, reads, new Partitioner(topics, asShipped), traces, options.time()).on(api);
    new DelayedRoutes(topics, delays, options.time(), asShipped).on(api);
    GroupRoutes groups = new GroupRoutes(topics, consumption, traces);
    groups.on(api);
    new CooperativeRoutes(groups, consumption).on(api);
    new SettleRoutes(consumption, traces).on(api);
    new PriorityRoutes(topics, asShipped).on(api);
    new SchemaRoutes(new Schemas(topics, options.time())).on(api);
    Transactions transactions =
        asShipped ? new ShippedTransactions(topics, appends, options.time()) : new Transactions(topics, appends, options.time());
    new TransactionRoutes(transactions, topics).on(api);
    new TraceRoutes(traces).on(api);
    new AdminRoutes().on(api);
    new KeyRoutes(keys, options.time()).on(api);
    this.http = new HttpFront(new HttpSite(system, api, keys, requests, options, faults), sockets.intake(), options.time());
    DemoOrders demo = new DemoOrders(topics, appends);
    this.onStart = shipped == null ? () -> CompletableFuture.completedFuture(null) : () -> startAsShipped(shipped, demo);
    faults.listen(this);
  }

  /** What public servers do when they start, and what they have forgotten by then. */
  private CompletableFuture<?> startAsShipped(ShippedDelays delays, DemoOrders demo) {
    delays.restarted();
    return demo.begin(Deadline.after(options.time(), HttpFront.TIMEOUT));
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    consumption.start();
    return Future.fromCompletionStage(onStart.get())
        .compose(started -> sockets.listen(http, port))
        .map(main -> new Protocol.Ports(main, main))
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  @Override
  public Future<Void> close() {
    consumption.stop();
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
