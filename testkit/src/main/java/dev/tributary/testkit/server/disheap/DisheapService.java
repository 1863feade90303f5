package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.GrpcFront;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.Sockets;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;

/** A Disheap server: which rpc is served by what, and the socket. */
final class DisheapService implements Protocol.Service, ServerFaults.Listener {
  /** The name of the only node there is. */
  static final String NODE = "embedded";

  private final ServerOptions options;
  private final Sockets sockets;
  private final GrpcFront grpc;
  private final PopRpc pop;

  DisheapService(Vertx vertx, ServerOptions options, ServerFaults faults) {
    this.options = options;
    this.sockets = new Sockets(vertx, options);
    this.grpc = new GrpcFront(vertx, options, faults, Errors::rejection, rpc -> status -> {});
    Heaps heaps = new Heaps(options);
    Leases leases = new Leases(options.time());
    StatsRpcs stats = new StatsRpcs(heaps, leases, NODE);
    this.pop = new PopRpc(heaps, leases, options);
    health(new HealthRpcs());
    heaps(new HeapRpcs(heaps, stats, options));
    grpc.unary(DisheapMethods.STATS, true, stats::stats);
    EnqueueRpcs enqueue = new EnqueueRpcs(heaps, options);
    grpc.unary(DisheapMethods.ENQUEUE, true, enqueue::enqueue);
    grpc.unary(DisheapMethods.ENQUEUE_BATCH, true, enqueue::enqueueBatch);
    grpc.conversation(DisheapMethods.POP_STREAM, true, pop::begin);
    leases(new LeaseRpcs(heaps, leases, options));
    faults.listen(this);
  }

  private void health(HealthRpcs health) {
    grpc.unary(HealthMethods.CHECK, false, health::check);
    grpc.streaming(HealthMethods.WATCH, false, health::watch);
  }

  private void heaps(HeapRpcs heaps) {
    grpc.unary(DisheapMethods.MAKE_HEAP, true, heaps::makeHeap);
    grpc.unary(DisheapMethods.DELETE_HEAP, true, heaps::deleteHeap);
    grpc.unary(DisheapMethods.UPDATE_HEAP_CONFIG, true, heaps::updateHeapConfig);
    grpc.unary(DisheapMethods.LIST_HEAPS, true, heaps::listHeaps);
    grpc.unary(DisheapMethods.PURGE, true, heaps::purge);
    grpc.unary(DisheapMethods.PEEK, true, heaps::peek);
  }

  private void leases(LeaseRpcs leases) {
    grpc.unary(DisheapMethods.ACK, true, leases::ack);
    grpc.unary(DisheapMethods.NACK, true, leases::nack);
    grpc.unary(DisheapMethods.EXTEND, true, leases::extend);
    grpc.unary(DisheapMethods.MOVE_TO_DLQ, true, leases::moveToDlq);
  }

  @Override
  public Future<Protocol.Ports> listen(int port, int httpPort) {
    return sockets.listen(grpc, port).map(main -> new Protocol.Ports(main, main));
  }

  @Override
  public Future<Void> close() {
    return sockets.close();
  }

  @Override
  public String uri(String host, Protocol.Ports ports) {
    return "disheap://" + Sockets.address(host, ports.main()) + (options.certificate() == null ? "" : "?tls=true");
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
