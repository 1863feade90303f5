package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.GrpcFront;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** PopStream: its sessions. */
final class PopRpc {
  private final Heaps heaps;
  private final Leases leases;
  private final ServerOptions options;
  private final Set<ServerCall<PopOpen, PopItem>> open = ConcurrentHashMap.newKeySet();

  PopRpc(Heaps heaps, Leases leases, ServerOptions options) {
    this.heaps = heaps;
    this.leases = leases;
    this.options = options;
  }

  GrpcFront.Conversation<PopOpen> begin(ServerCall<PopOpen, PopItem> call) {
    PopSession session = new PopSession(heaps, leases, options, call);
    open.add(call);
    call.onEnd(
        () -> {
          open.remove(call);
          session.close();
        });
    return session;
  }

  /** Ends every open stream with this. */
  void cut(Rejection rejection) {
    open.forEach(call -> call.fail(rejection));
  }
}
