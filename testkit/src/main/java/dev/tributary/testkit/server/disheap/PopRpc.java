package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.internal.grpc.GrpcFront;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** PopStream: its sessions. */
final class PopRpc {
  private final Function<ServerCall<PopOpen, PopItem>, Session> sessions;
  private final Set<ServerCall<PopOpen, PopItem>> open = ConcurrentHashMap.newKeySet();

  PopRpc(Function<ServerCall<PopOpen, PopItem>, Session> sessions) {
    this.sessions = sessions;
  }

  /** What serves one of them. */
  interface Session extends GrpcFront.Conversation<PopOpen> {
    /** The call is over, however that came. */
    void close();
  }

  GrpcFront.Conversation<PopOpen> begin(ServerCall<PopOpen, PopItem> call) {
    Session session = sessions.apply(call);
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
