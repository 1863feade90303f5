package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Subscribe: where it begins is decided once, the group is used for nothing else. */
final class SubscribeRpc {
  private static final long COMMITTED = -1;
  private static final long LATEST = -2;

  private final Catalog catalog;
  private final StreamRpcs rpcs;
  private final TimeSource time;
  private final Set<Subscription> open = ConcurrentHashMap.newKeySet();

  SubscribeRpc(Catalog catalog, StreamRpcs rpcs, TimeSource time) {
    this.catalog = catalog;
    this.rpcs = rpcs;
    this.time = time;
  }

  void begin(SubscribeRequest request, ServerCall<SubscribeRequest, SubscribeResponse> call) {
    Catalog.present(request.hasResourcePath());
    StreamRpcs.group(request.getConsumerGroup());
    if (request.getStartOffset() < LATEST) {
      throw Rejection.invalid("start_offset must be at least -2");
    }
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    int partition = Math.max(0, request.getPartition());
    CompletableFuture<StartAt> start = start(request, stream, partition, call.deadline());
    call.onEnd(() -> start.cancel(true));
    CompletableFuture<Boolean> there =
        partition == 0 ? CompletableFuture.completedFuture(true) : rpcs.hasPartition(stream, partition, call.deadline());
    CompletableFuture<Boolean> both = start.thenCombine(there, (place, exists) -> exists);
    both.whenComplete(
        (exists, error) -> {
          if (error == null && exists) {
            call.onContext(() -> open(call, stream, partition, start.join()));
          } else if (error == null) {
            // Never delivers: as the public server does with a partition it does not have.
            call.onContext(() -> call.response().writeHead());
          } else {
            call.fail(Steps.unwrap(error));
          }
        });
  }

  private void open(ServerCall<SubscribeRequest, SubscribeResponse> call, ResourceName stream, int partition, StartAt start) {
    if (call.ended()) {
      return;
    }
    Subscription subscription = new Subscription(catalog.streams(), time, call, stream, partition, start);
    open.add(subscription);
    call.onEnd(
        () -> {
          open.remove(subscription);
          subscription.close();
        });
    subscription.open();
  }

  private CompletableFuture<StartAt> start(SubscribeRequest request, ResourceName stream, int partition, Deadline deadline) {
    long offset = request.getStartOffset();
    if (offset == COMMITTED) {
      return StreamRpcs.oddly(
          Steps.map(rpcs.committed(stream, request.getConsumerGroup(), partition, deadline), next -> StartAt.offset(next.orElse(0))));
    } else if (offset == LATEST) {
      return Steps.map(rpcs.latest(stream, partition, deadline), latest -> StartAt.offset(latest.orElse(-1) + 1));
    }
    // A stream that is not there is created if that is wanted; if not, it is polled for.
    CompletableFuture<OptionalLong> there = rpcs.latest(stream, partition, deadline);
    return Steps.otherwise(
        Steps.map(there, latest -> StartAt.offset(offset)), missing -> CompletableFuture.completedFuture(StartAt.offset(offset)));
  }

  void cut(Rejection rejection) {
    open.forEach(subscription -> subscription.cut(rejection));
  }

  void inBand(int status) {
    open.forEach(subscription -> subscription.inBand(status));
  }
}
