package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Message;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.PlannedFaults;
import dev.tributary.vertx.internal.net.Rpc;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** The unary rpcs as the gateway on the same server calls them: with planned faults and delays, as if they came from the wire. */
final class LocalCalls {
  private final PlannedFaults faults;
  private final Map<String, BiFunction<Message, Deadline, CompletableFuture<? extends Message>>> operations = new HashMap<>();

  LocalCalls(ServerFaults faults, TimeSource time) {
    this.faults = new PlannedFaults(faults, time, fault -> new Rejection(GrpcStatus.valueOf(fault.status()), fault.message()));
  }

  /** What serves an rpc. */
  @SuppressWarnings("unchecked") // it is only called with the requests of its rpc
  <Q extends Message, A extends Message> void on(Rpc<Q, A> rpc, BiFunction<Q, Deadline, CompletableFuture<A>> operation) {
    operations.put(rpc.path(), (request, deadline) -> operation.apply((Q) request, deadline));
  }

  /** Calls an rpc. Cancelling the future cancels the call. */
  @SuppressWarnings("unchecked") // what serves an rpc gives its answers
  <Q extends Message, A extends Message> CompletableFuture<A> call(Rpc<Q, A> rpc, Q request, Deadline deadline) {
    BiFunction<Message, Deadline, CompletableFuture<? extends Message>> operation = operations.get(rpc.path());
    if (operation == null) {
      throw Errors.unimplemented(rpc + " is not served here");
    }
    return faults.begin(rpc.name(), () -> (CompletableFuture<A>) operation.apply(request, deadline));
  }
}
