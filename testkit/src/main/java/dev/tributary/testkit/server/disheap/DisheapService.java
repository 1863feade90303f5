package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Message;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.GrpcFront;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.Sockets;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Both sides of a Disheap server: which rpc is served by what, and the sockets. */
final class DisheapService implements Protocol.Service, ServerFaults.Listener {
  /** The name of the only node there is. */
  static final String NODE = "embedded";

  private final ServerOptions options;
  private final Sockets sockets;
  private final GrpcFront grpc;
  private final LocalCalls local;
  private final HttpFront http;
  private final Heaps heaps;
  private final PopRpc pop;

  DisheapService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.sockets = new Sockets(vertx, options);
    this.grpc = new GrpcFront(vertx, sockets.intake(), options, faults, Errors::rejection, rpc -> status -> {});
    this.local = new LocalCalls(faults, options.time());
    Cluster cluster = new Cluster(NODE, options.host(), faults);
    Leases leases = new Leases(options.time());
    health(new HealthRpcs());
    if (options.quirks().contains(Quirk.SHIPPED_DISHEAP)) {
      ShippedHeaps shipped = new ShippedHeaps(options, faults);
      ShippedLeaseRpcs settled = new ShippedLeaseRpcs(shipped, leases, options);
      StatsRpcs stats = new ShippedStatsRpcs(shipped, leases, NODE, settled);
      this.heaps = shipped;
      this.pop = new PopRpc(call -> new ShippedPopSession(shipped, options.time(), call));
      heaps(new ShippedHeapRpcs(shipped, stats, options, cluster), stats);
      messages(new ShippedEnqueueRpcs(shipped, options), settled);
    } else {
      Heaps kept = new Heaps(options, faults);
      StatsRpcs stats = new StatsRpcs(kept, leases, NODE);
      this.heaps = kept;
      this.pop = new PopRpc(call -> new PopSession(kept, leases, options, call));
      heaps(new HeapRpcs(kept, stats, options, cluster), stats);
      messages(new EnqueueRpcs(kept, options), new LeaseRpcs(kept, leases, options));
    }
    this.http = new HttpFront(new HttpSite(new HttpCluster(cluster), new Gateway(local, heaps, options)), sockets.intake(), options.time());
    faults.listen(this);
  }

  /** Over the wire, and for the gateway. */
  private <Q extends Message, A extends Message> void unary(
      Rpc<Q, A> rpc, BiFunction<Q, Deadline, CompletableFuture<A>> operation) {
    grpc.unary(rpc, true, operation);
    local.on(rpc, operation);
  }

  private void health(HealthRpcs health) {
    grpc.unary(HealthMethods.CHECK, false, health::check);
    grpc.streaming(HealthMethods.WATCH, false, health::watch);
  }

  private void heaps(HeapRpcs heaps, StatsRpcs stats) {
    unary(DisheapMethods.MAKE_HEAP, heaps::makeHeap);
    unary(DisheapMethods.DELETE_HEAP, heaps::deleteHeap);
    unary(DisheapMethods.UPDATE_HEAP_CONFIG, heaps::updateHeapConfig);
    unary(DisheapMethods.LIST_HEAPS, heaps::listHeaps);
    unary(DisheapMethods.PURGE, heaps::purge);
    unary(DisheapMethods.PEEK, heaps::peek);
    unary(DisheapMethods.STATS, stats::stats);
  }

  private void messages(EnqueueRpcs enqueue, LeaseRpcs leases) {
    unary(DisheapMethods.ENQUEUE, enqueue::enqueue);
    unary(DisheapMethods.ENQUEUE_BATCH, enqueue::enqueueBatch);
    grpc.conversation(DisheapMethods.POP_STREAM, true, pop::begin);
    unary(DisheapMethods.ACK, leases::ack);
    grpc.givingBack(DisheapMethods.NACK, true, leases::nack, leases::release);
    local.on(DisheapMethods.NACK, leases::nack);
    local.onRelease(leases::release);
    unary(DisheapMethods.EXTEND, leases::extend);
    unary(DisheapMethods.MOVE_TO_DLQ, leases::moveToDlq);
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    heaps.restarted();
    return sockets
        .listen(grpc, grpc::closed, port)
        .compose(main -> sockets.listen(http, httpPort).map(side -> new Protocol.Ports(main, side)))
        .recover(failed -> close().transform(closed -> Future.failedFuture(failed)));
  }

  @Override
  public Future<Void> close() {
    return sockets.close();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    return "disheap://"
        + Sockets.address(host, ports.main())
        + "?disheap.http="
        + Sockets.address(host, ports.http())
        + (options.certificate() == null ? "" : "&tls=true");
  }

  /** There is nothing in band but messages. */
  @Override
  public void inBand(int status) {}

  @Override
  public void cut(int status, String message) {
    pop.cut(new Rejection(GrpcStatus.valueOf(status), message));
  }

  @Override
  public void goAway() {
    sockets.goAway();
  }
}
