package dev.tributary.vertx.internal.disheap;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.config.Endpoint;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.disheap.proto.DeleteHeapReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Administration of Disheap: heaps, which are its queues. */
final class DisheapAdmin implements AdminTransport {
  /** Between looks whether a heap is known where jobs go, which takes a moment after it was made. */
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(100), Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(1_000));

  private final Heaps heaps;
  private final GrpcCaller caller;
  private final Nodes nodes;
  private final TimeSource time;
  private final boolean fanOut;

  DisheapAdmin(Heaps heaps, GrpcCaller caller, Nodes nodes, TimeSource time, boolean fanOut) {
    this.heaps = heaps;
    this.caller = caller;
    this.nodes = nodes;
    this.time = time;
    this.fanOut = fanOut;
  }

  @Override
  public CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    return heaps.with(
        queue,
        heap -> {
          MakeHeapReq request = HeapConfigs.make(heap.topic, config, heaps.otherwise());
          return Steps.then(
              heaps.exists(heap.topic, deadline),
              exists -> {
                if (exists) {
                  // A server that was restarted would write the new settings over the old ones, and say nothing.
                  throw new AlreadyExistsException(ErrorInfo.of("there is a queue " + queue, "Use another name, or what is there"));
                }
                return Steps.then(make(request, deadline), made -> known(heap, PAUSES, deadline));
              });
        });
  }

  private CompletableFuture<MakeHeapResp> make(MakeHeapReq request, Deadline deadline) {
    return Steps.then(nodes.leaderFirst(deadline), order -> make(request, order, false, deadline));
  }

  /** At one after the other: only the leader makes heaps. */
  private CompletableFuture<MakeHeapResp> make(MakeHeapReq request, List<Endpoint> order, boolean maybeMade, Deadline deadline) {
    return Steps.recover(
        caller.at(order.get(0)).call(DisheapMethods.MAKE_HEAP, request, deadline),
        error -> {
          boolean maybe = maybeMade || error.maybeApplied();
          if (error instanceof ConnectionFailedException && order.size() > 1) {
            return make(request, order.subList(1, order.size()), maybe, deadline);
          }
          throw maybe ? error.orMaybeApplied() : error;
        });
  }

  /** Waits until jobs can be enqueued; it is made already, so that a failure to look is none of the call. */
  private CompletableFuture<Void> known(Heap heap, List<Duration> pauses, Deadline deadline) {
    heap.mode = null;
    CompletableFuture<Boolean> seen =
        Steps.recover(heaps.exists(heap.topic, deadline), unknown -> CompletableFuture.completedFuture(false));
    return Steps.then(
        seen,
        known ->
            known || pauses.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : Steps.then(pause(pauses.get(0)), over -> known(heap, pauses.subList(1, pauses.size()), deadline)));
  }

  private CompletableFuture<Void> pause(Duration length) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    TimeSource.Timer timer = time.schedule(length, () -> over.complete(null));
    over.whenComplete((done, cancelled) -> timer.cancel());
    return over;
  }

  @Override
  public CompletableFuture<QueueConfig> queueConfig(ResourceName queue, Deadline deadline) {
    return heaps.with(queue, heap -> Steps.then(info(heap, deadline), info -> CompletableFuture.completedFuture(HeapConfigs.config(info))));
  }

  private CompletableFuture<HeapInfo> info(Heap heap, Deadline deadline) {
    return Steps.map(
        heaps.find(heap.topic, deadline),
        found ->
            found.orElseThrow(
                () ->
                    new NotFoundException(
                        ErrorInfo.of("the server lists no queue " + heap.topic, "Create it by admin().createQueue, if it is not there"))));
  }

  @Override
  public CompletableFuture<Void> updateQueue(ResourceName queue, QueueUpdate update, Deadline deadline) {
    return heaps.with(
        queue,
        heap -> {
          UpdateHeapConfigReq request = HeapConfigs.update(heap.topic, update, true);
          return HeapConfigs.needsPresent(update)
              ? Steps.then(
                  heaps.find(heap.topic, deadline),
                  present -> update(HeapConfigs.update(heap.topic, update, keepsDeadLetters(present)), deadline))
              : update(request, deadline);
        });
  }

  private static boolean keepsDeadLetters(Optional<HeapInfo> present) {
    return present.filter(HeapInfo::hasDlqPolicy).map(info -> info.getDlqPolicy().getEnabled()).orElse(true);
  }

  private CompletableFuture<Void> update(UpdateHeapConfigReq request, Deadline deadline) {
    return everywhere(node -> node.call(DisheapMethods.UPDATE_HEAP_CONFIG, request, deadline));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return heaps.with(
        name,
        heap -> {
          heap.mode = null;
          DeleteHeapReq request = DeleteHeapReq.newBuilder().setTopic(heap.topic).setForce(true).build();
          return everywhere(node -> node.call(DisheapMethods.DELETE_HEAP, request, deadline));
        });
  }

  /** At every endpoint, where they do not tell each other. */
  private CompletableFuture<Void> everywhere(Function<GrpcCaller, CompletableFuture<?>> call) {
    List<Endpoint> all = nodes.endpoints();
    return fanOut && all.size() > 1
        ? Steps.map(
            Steps.all(all.stream().map(endpoint -> done(call.apply(caller.at(endpoint)))).toList()),
            outcomes -> {
              TributaryException failure = failure(all, outcomes);
              if (failure != null) {
                throw failure;
              }
              return null;
            })
        : Steps.map(call.apply(caller), done -> null);
  }

  private static CompletableFuture<Boolean> done(CompletableFuture<?> call) {
    return Steps.map(call, answer -> true);
  }

  /** An endpoint that does not know the queue has nothing to do, as long as another does. */
  private static @Nullable TributaryException failure(List<Endpoint> all, List<Outcome<Boolean>> outcomes) {
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      TributaryException error = outcomes.get(i).error();
      if (error != null && !(error instanceof NotFoundException)) {
        failed.add(all.get(i) + ": " + error.getMessage());
      }
    }
    if (failed.isEmpty()) {
      return outcomes.stream().anyMatch(Outcome::succeeded) ? null : outcomes.get(0).error();
    }
    return new PartialFailureException(
        ErrorInfo.of(String.join("; ", failed), "Do it again: the endpoints where it was done do not mind").maybeApplied(true), outcomes);
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return Steps.map(heaps.list(deadline), this::resources);
  }

  private List<ResourceInfo> resources(Map<String, HeapInfo> listed) {
    return listed.values().stream()
        .map(this::resource)
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(info -> info.name().toString()))
        .toList();
  }

  /** Null for a name that no server should have accepted. */
  private @Nullable ResourceInfo resource(HeapInfo info) {
    try {
      return new ResourceInfo(
          ResourceKind.QUEUE,
          heaps.name(info.getTopic()),
          Math.max(1, DisheapMapping.count(info.getPartitions())),
          info.hasCreatedAt() ? DisheapMapping.instant(info.getCreatedAt()) : null);
    } catch (InvalidRequestException unspeakable) {
      return null;
    }
  }

  CompletableFuture<Void> close() {
    return nodes.close();
  }
}
