package dev.tributary.testkit.server.disheap;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.Untried;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The heaps there are: those made over this wire, and every queue of the transport but those of dead letters. Others may make and delete
 * queues too, so that what is known here is only what was said of them. Thread-safe.
 */
class Heaps {
  /** Where topics are that say neither tenant nor namespace. */
  private static final String HOME = "default";

  private static final int LONGEST_TOPIC = 255;

  private final Transport transport;
  private final ServerOptions options;
  private final ServerFaults faults;
  private final FlatNames names = new FlatNames(HOME, HOME, LONGEST_TOPIC);
  private final Map<String, Heap> known = new ConcurrentHashMap<>();

  Heaps(ServerOptions options, ServerFaults faults) {
    this.transport = options.transport();
    this.options = options;
    this.faults = faults;
  }

  Transport transport() {
    return transport;
  }

  Limits limits() {
    return transport.limits();
  }

  /** How a message is given back that nobody began. */
  Settlement untried(LeasedJob job) {
    return Untried.of(job, transport);
  }

  boolean can(Capability capability) {
    return transport.capabilities().contains(capability);
  }

  /** Refuses what the transport cannot do. */
  void require(Capability capability) {
    if (!can(capability)) {
      throw Errors.unimplemented(transport.backend() + " has no " + capability);
    }
  }

  QueueTransport queues() {
    return transport.queues().orElseThrow(() -> Errors.unimplemented(transport.backend() + " has no queues"));
  }

  /** The same, with only these partitions of the heap; with all if it names none. */
  QueueTransport queues(Heap heap, Collection<Integer> partitions) {
    Set<Integer> some = new TreeSet<>(partitions);
    for (int partition : some) {
      if (partition < 0 || partition >= heap.partitions()) {
        throw Rejection.invalid("there is no partition " + Integer.toUnsignedString(partition) + " of " + heap.topic());
      }
    }
    if (some.isEmpty() || some.size() == heap.partitions()) {
      return queues();
    }
    require(Capability.JOB_PARTITIONS);
    return queues().ofPartitions(some);
  }

  private AdminTransport admin() {
    return transport.admin().orElseThrow(() -> Errors.unimplemented(transport.backend() + " has no administration"));
  }

  /** Refuses what is no topic at all, whatever else may be wrong. */
  ResourceName queue(String topic) {
    try {
      return named(topic);
    } catch (Rejection refused) {
      throw !topic.isEmpty() && options.quirks().contains(Quirk.BAD_TOPIC_FAILS)
          ? new Rejection(GrpcStatus.UNAVAILABLE, "the connection is gone")
          : refused;
    }
  }

  private ResourceName named(String topic) {
    Mapping.required("topic", topic);
    try {
      return names.full(topic);
    } catch (InvalidRequestException badName) {
      throw Rejection.invalid("topic: " + badName.getMessage());
    }
  }

  /** The heap; NOT_FOUND if there is none. */
  CompletableFuture<Heap> find(String topic, Deadline deadline) {
    Heap heap = known.get(topic);
    if (heap == null) {
      return look(topic, queue(topic), deadline);
    }
    return visible(heap) ? CompletableFuture.completedFuture(heap) : CompletableFuture.failedFuture(missing(topic));
  }

  private boolean visible(Heap heap) {
    return !heap.visible().isAfter(options.time().now());
  }

  /** The heap, made now if there is none and that is wanted. */
  CompletableFuture<Heap> findOrMake(String topic, Deadline deadline) {
    CompletableFuture<Heap> found = find(topic, deadline);
    return !options.createOnFirstUse() || !can(Capability.CREATE_RESOURCES)
        ? found
        : Steps.otherwise(
            found,
            error ->
                Errors.rejection(error).status() == GrpcStatus.NOT_FOUND
                    ? makeUnlessThere(topic, deadline)
                    : CompletableFuture.failedFuture(error));
  }

  private CompletableFuture<Heap> makeUnlessThere(String topic, Deadline deadline) {
    return Steps.recover(make(HeapInfos.onFirstUse(topic), deadline), AlreadyExistsException.class, exists -> find(topic, deadline));
  }

  /** Does something with a heap that is there. */
  <T> CompletableFuture<T> with(String topic, Deadline deadline, Function<Heap, CompletableFuture<T>> operation) {
    return with(find(topic, deadline), operation);
  }

  <T> CompletableFuture<T> with(CompletableFuture<Heap> found, Function<Heap, CompletableFuture<T>> operation) {
    return Steps.then(
        found,
        heap ->
            Steps.translate(operation.apply(heap), NotFoundException.class, error -> gone(heap)));
  }

  /** Somebody else deleted its queue. */
  Rejection gone(Heap heap) {
    known.remove(heap.topic(), heap);
    return missing(heap.topic());
  }

  /** The server listens again. */
  void restarted() {}

  /** What people say of a heap; empty if nobody did. */
  String description(String topic) {
    Heap heap = known.get(topic);
    return heap == null ? "" : heap.description;
  }

  private static Rejection missing(String topic) {
    return Rejection.notFound("topic not found: " + topic);
  }

  private CompletableFuture<Heap> look(String topic, ResourceName queue, Deadline deadline) {
    if (transport.admin().isEmpty() || !can(Capability.LIST_RESOURCES)) {
      return Steps.then(queues().stats(queue, deadline), there -> learn(topic, queue, 1, null, deadline));
    }
    return Steps.then(
        listed(deadline),
        all -> {
          ResourceInfo info = all.get(queue);
          if (info == null) {
            throw missing(topic);
          }
          return learn(topic, queue, info.partitions(), info.createdAt(), deadline);
        });
  }

  /** The transport's queues, without those of dead letters. */
  private CompletableFuture<Map<ResourceName, ResourceInfo>> listed(Deadline deadline) {
    return Steps.map(
        admin().list(ResourceKind.QUEUE, deadline),
        all -> {
          Map<ResourceName, ResourceInfo> queues = all.stream().collect(Collectors.toMap(ResourceInfo::name, info -> info));
          queues.keySet().removeAll(queues.keySet().stream().flatMap(queue -> deadLetters(queue).stream()).toList());
          return queues;
        });
  }

  /** Where the dead letters of a queue are; nowhere if the name would be too long. */
  private static Optional<ResourceName> deadLetters(ResourceName queue) {
    try {
      return Optional.of(queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX));
    } catch (InvalidRequestException tooLong) {
      return Optional.empty();
    }
  }

  private CompletableFuture<Heap> learn(
      String topic, ResourceName queue, int partitions, @Nullable Instant createdAt, Deadline deadline) {
    CompletableFuture<QueueConfig> config =
        can(Capability.QUEUE_SETTINGS)
            ? admin().queueConfig(queue, deadline)
            : CompletableFuture.completedFuture(QueueConfig.builder().partitions(partitions).build());
    return Steps.map(
        config,
        known -> {
          HeapInfo.Builder info = HeapInfos.foreign(topic, known, limits().maxPayloadBytes()).toBuilder();
          if (createdAt != null) {
            info.setCreatedAt(Mapping.wire(createdAt)).setUpdatedAt(Mapping.wire(createdAt));
          }
          return remember(new Heap(queue, info.build(), false, options.time().now()));
        });
  }

  private Heap remember(Heap heap) {
    Heap before = known.putIfAbsent(heap.topic(), heap);
    return before == null ? heap : before;
  }

  CompletableFuture<Heap> make(MakeHeapReq request, Deadline deadline) {
    named(request.getTopic());
    return make(HeapInfos.of(request), deadline);
  }

  private CompletableFuture<Heap> make(HeapInfo wanted, Deadline deadline) {
    ResourceName queue = named(wanted.getTopic());
    require(Capability.CREATE_RESOURCES);
    QueueConfig config = HeapInfos.config(wanted, can(Capability.REDELIVERY_POLICY));
    return Steps.map(
        admin().createQueue(queue, config, deadline),
        created -> {
          HeapInfo info = wanted.toBuilder().setCreatedAt(now()).setUpdatedAt(now()).build();
          Heap heap = new Heap(queue, info, true, options.time().now().plus(faults.lag()));
          known.put(heap.topic(), heap);
          return heap;
        });
  }

  private com.google.protobuf.Timestamp now() {
    return Mapping.wire(options.time().now());
  }

  /** Changes what the update says, of the queue too. */
  CompletableFuture<Void> update(Heap heap, UpdateHeapConfigReq request, Deadline deadline) {
    HeapInfo changed = HeapInfos.updated(heap.info(), request);
    QueueUpdate update = HeapInfos.update(request, changed);
    CompletableFuture<Void> done;
    if (!request.hasRetentionTime() && !request.hasVisibilityTimeoutDefault() && !request.hasMaxRetriesDefault() && !request.hasDlqPolicy()) {
      done = CompletableFuture.completedFuture(null);
    } else {
      require(Capability.QUEUE_SETTINGS);
      done = admin().updateQueue(heap.queue(), update, deadline);
    }
    return Steps.map(
        done,
        updated -> {
          heap.info(changed.toBuilder().setUpdatedAt(now()).build());
          return updated;
        });
  }

  /** Deletes a heap with its dead letters. */
  CompletableFuture<Void> delete(Heap heap, Deadline deadline) {
    require(Capability.CREATE_RESOURCES);
    return Steps.then(
        admin().delete(ResourceKind.QUEUE, heap.queue(), deadline),
        deleted -> {
          known.remove(heap.topic(), heap);
          return deadLetters(heap.queue())
              .map(letters -> deleteIfThere(letters, deadline))
              .orElse(CompletableFuture.completedFuture(null));
        });
  }

  private CompletableFuture<Void> deleteIfThere(ResourceName queue, Deadline deadline) {
    return Steps.recover(
        admin().delete(ResourceKind.QUEUE, queue, deadline), NotFoundException.class, gone -> CompletableFuture.completedFuture(null));
  }

  /** All there are, by topic. */
  CompletableFuture<List<Heap>> all(Deadline deadline) {
    if (transport.admin().isEmpty() || !can(Capability.LIST_RESOURCES)) {
      return CompletableFuture.completedFuture(List.copyOf(new TreeMap<>(known).values()));
    }
    List<Heap> before = List.copyOf(known.values());
    return Steps.then(
        listed(deadline),
        queues -> {
          before.stream().filter(heap -> !queues.containsKey(heap.queue())).forEach(this::gone);
          List<CompletableFuture<Heap>> heaps = new ArrayList<>();
          for (Map.Entry<String, ResourceInfo> one : byTopic(queues).entrySet()) {
            ResourceInfo info = one.getValue();
            Heap heap = known.get(one.getKey());
            heaps.add(
                heap != null
                    ? CompletableFuture.completedFuture(heap)
                    : learn(one.getKey(), info.name(), info.partitions(), info.createdAt(), deadline));
          }
          return Steps.map(Steps.together(heaps), all -> all.stream().filter(this::visible).toList());
        });
  }

  /** Those whose names can be said here. */
  private Map<String, ResourceInfo> byTopic(Map<ResourceName, ResourceInfo> queues) {
    Map<String, ResourceInfo> byTopic = new TreeMap<>();
    queues.forEach(
        (name, info) -> {
          try {
            byTopic.put(names.flat(name), info);
          } catch (InvalidRequestException tooLong) {
            // Nobody can ask for it over this wire either.
          }
        });
    return byTopic;
  }

  /** The length of a lease, as the transport takes it. */
  Duration lease(Duration wanted) {
    return Mapping.steps(wanted, limits().step(), limits().maxLease());
  }

  /** A delay, as the transport takes it. */
  Duration delay(Duration wanted) {
    return Mapping.steps(wanted, limits().step(), limits().maxDelay());
  }
}
