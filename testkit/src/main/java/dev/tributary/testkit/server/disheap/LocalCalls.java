package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.PlannedFaults;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** The unary rpcs as the gateway on the same server calls them: with planned faults and delays, as if they came from the wire. */
final class LocalCalls {
  /** Stands for a Nack with a mark that no field has. */
  private static final String RELEASE = DisheapMethods.NACK.path() + "#release";

  private final PlannedFaults faults;
  private final Map<String, BiFunction<Message, Deadline, CompletableFuture<? extends Message>>> operations = new HashMap<>();

  LocalCalls(ServerFaults faults, TimeSource time) {
    this.faults = new PlannedFaults(faults, time, fault -> new Rejection(GrpcStatus.valueOf(fault.status()), fault.message()));
  }

  /** What serves an rpc. */
  <Q extends Message, A extends Message> void on(Rpc<Q, A> rpc, BiFunction<Q, Deadline, CompletableFuture<A>> operation) {
    on(rpc.path(), operation);
  }

  /** What serves a Nack of a message that nobody began. */
  void onRelease(BiFunction<NackReq, Deadline, CompletableFuture<Empty>> operation) {
    on(RELEASE, operation);
  }

  @SuppressWarnings("unchecked") // it is only called with the requests of its rpc
  private <Q extends Message, A extends Message> void on(String key, BiFunction<Q, Deadline, CompletableFuture<A>> operation) {
    operations.put(key, (request, deadline) -> operation.apply((Q) request, deadline));
  }

  /** Calls an rpc. Cancelling the future cancels the call. */
  <Q extends Message, A extends Message> CompletableFuture<A> call(Rpc<Q, A> rpc, Q request, Deadline deadline) {
    return call(rpc.path(), rpc, request, deadline);
  }

  /** Gives back a message that nobody began. */
  CompletableFuture<Empty> release(NackReq request, Deadline deadline) {
    return call(RELEASE, DisheapMethods.NACK, request, deadline);
  }

  @SuppressWarnings("unchecked") // what serves an rpc gives its answers
  private <Q extends Message, A extends Message> CompletableFuture<A> call(String key, Rpc<Q, A> rpc, Q request, Deadline deadline) {
    BiFunction<Message, Deadline, CompletableFuture<? extends Message>> operation = operations.get(key);
    if (operation == null) {
      throw Errors.unimplemented(rpc + " is not served here");
    }
    return faults.begin(rpc.name(), () -> (CompletableFuture<A>) operation.apply(request, deadline));
  }
}
