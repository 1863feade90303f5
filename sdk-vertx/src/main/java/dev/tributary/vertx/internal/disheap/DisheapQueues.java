package dev.tributary.vertx.internal.disheap;

import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PartitionStats;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Queues of Disheap, all of their partitions or some. */
final class DisheapQueues implements PushQueueTransport {
  /** The server orders peeked jobs within a call; this is its order, for several. */
  private static final Comparator<PeekedJob<byte[]>> BEST_FIRST =
      Comparator.comparingInt((PeekedJob<byte[]> job) -> -job.priority())
          .thenComparing(PeekedJob::enqueuedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(PeekedJob::id);

  private final Heaps heaps;
  private final GrpcCaller caller;
  private final Network network;
  private final long maxPriority;
  private final Leases leases;
  private final Set<DisheapSource> sources;
  /** Empty for all. */
  private final Set<Integer> partitions;

  DisheapQueues(Heaps heaps, GrpcCaller caller, Network network, long maxPriority) {
    this(heaps, caller, network, maxPriority, new Leases(caller, network), ConcurrentHashMap.newKeySet(), Set.of());
  }

  private DisheapQueues(
      Heaps heaps,
      GrpcCaller caller,
      Network network,
      long maxPriority,
      Leases leases,
      Set<DisheapSource> sources,
      Set<Integer> partitions) {
    this.heaps = heaps;
    this.caller = caller;
    this.network = network;
    this.maxPriority = maxPriority;
    this.leases = leases;
    this.sources = sources;
    this.partitions = partitions;
  }

  @Override
  public PushQueueTransport ofPartitions(Set<Integer> only) {
    return new DisheapQueues(heaps, caller, network, maxPriority, leases, sources, new TreeSet<>(only));
  }

  Leases leases() {
    return leases;
  }

  Heaps heaps() {
    return heaps;
  }

  @Override
  public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      ResourceName queue, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    return heaps.with(
        queue,
        heap -> {
          Mode mode = heap.mode;
          return watched(
              heap,
              mode == null && jobs.stream().anyMatch(job -> job.priority() != 0)
                  ? Steps.then(heaps.mode(heap), known -> enqueue(heap, known, jobs, atomic, deadline))
                  : enqueue(heap, mode, jobs, atomic, deadline));
        });
  }

  private CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(
      Heap heap, @Nullable Mode mode, List<NewJob<byte[]>> jobs, boolean atomic, Deadline deadline) {
    List<EnqueueReq> requests = new ArrayList<>(jobs.size());
    try {
      for (NewJob<byte[]> job : jobs) {
        requests.add(request(heap, mode, job));
      }
    } catch (InvalidRequestException unspeakable) {
      if (atomic || jobs.size() == 1) {
        throw unspeakable;
      }
      return oneByOne(heap, mode, jobs, deadline);
    }
    if (requests.size() == 1) {
      return caller.call(DisheapMethods.ENQUEUE, requests.get(0), deadline, answer -> List.of(Outcome.of(DisheapMapping.result(answer))));
    }
    CompletableFuture<List<Outcome<EnqueueResult>>> batch =
        caller.call(
            DisheapMethods.ENQUEUE_BATCH,
            EnqueueBatchReq.newBuilder().addAllRequests(requests).build(),
            deadline,
            answer -> results(answer, requests.size()));
    return atomic
        ? batch
        : Steps.recover(
            batch,
            error -> {
              if (!refusedWhole(error)) {
                throw error;
              }
              return oneByOne(heap, mode, jobs, deadline);
            });
  }

  private EnqueueReq request(Heap heap, @Nullable Mode mode, NewJob<byte[]> job) {
    return DisheapMapping.request(heap.topic, job, maxPriority, mode);
  }

  private static List<Outcome<EnqueueResult>> results(EnqueueBatchResp answer, int expected) {
    if (answer.getResponsesCount() != expected) {
      throw new ProtocolViolationException(
          ErrorInfo.of(answer.getResponsesCount() + " answers for " + expected + " jobs", "Check the server's version").maybeApplied(true));
    }
    return answer.getResponsesList().stream().map(response -> Outcome.of(DisheapMapping.result(response))).toList();
  }

  /** Whether one of the jobs is to blame and none was stored: the others need not suffer for it. */
  private static boolean refusedWhole(TributaryException error) {
    return !error.maybeApplied()
        && (error instanceof InvalidRequestException || error instanceof ConflictException || error instanceof PayloadTooLargeException);
  }

  private CompletableFuture<List<Outcome<EnqueueResult>>> oneByOne(
      Heap heap, @Nullable Mode mode, List<NewJob<byte[]>> jobs, Deadline deadline) {
    return Steps.inOrder(
        jobs, job -> caller.call(DisheapMethods.ENQUEUE, request(heap, mode, job), deadline, DisheapMapping::result));
  }

  /** Where something is remembered of a heap, looks whether it is still there. */
  private static <T> CompletableFuture<T> watched(Heap heap, CompletableFuture<T> call) {
    if (heap.mode != null) {
      call.whenComplete(
          (done, error) -> {
            if (error != null) {
              Heaps.failed(heap, error);
            }
          });
    }
    return call;
  }

  @Override
  public CompletableFuture<List<LeasedJob>> receive(ResourceName queue, int max, Duration lease, Duration wait, Deadline deadline) {
    return heaps.with(
        queue,
        heap -> {
          Mode mode = heap.mode;
          return mode != null
              ? receive(heap, mode, max, lease, wait)
              : Steps.then(
                  heaps.mode(heap),
                  known -> receive(heap, known, max, lease, wait),
                  jobs -> jobs.forEach(job -> leases.giveBack(heap, job)));
        });
  }

  private CompletableFuture<List<LeasedJob>> receive(Heap heap, Mode mode, int max, Duration lease, Duration wait) {
    ContextInternal loop = caller.loop();
    return watched(
        heap,
        new Receive(network.time(), loop, max, wait, job -> leases.giveBack(heap, job))
            .begin(taker -> pop(heap, mode, lease, loop, taker)));
  }

  @Override
  public Source open(ResourceName queue, Duration lease, SourceObserver<LeasedJob> observer) {
    DisheapSource source =
        new DisheapSource(
            this, queue, lease, caller.loop(), network, observer, sources::remove);
    sources.add(source);
    source.start();
    return source;
  }

  /** One stream of jobs. */
  Pop pop(Heap heap, Mode mode, Duration lease, ContextInternal loop, Pop.Taker taker) {
    return new Pop(caller, network.time(), loop, heap, mode, partitions, lease, taker, leases);
  }

  /** Ends every source because of this. */
  CompletableFuture<Void> closeSources(TributaryException reason) {
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    for (DisheapSource source : sources) {
      source.close(reason);
      ended.add(source.close());
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }

  @Override
  public CompletableFuture<List<Outcome<Settlement.Result>>> settle(
      ResourceName queue, List<Settlement> settlements, Deadline deadline) {
    return heaps.with(
        queue, heap -> Steps.each(settlements, settlement -> leases.settle(heap, settlement, deadline)));
  }

  @Override
  public CompletableFuture<List<PeekedJob<byte[]>>> peek(ResourceName queue, int max, Deadline deadline) {
    return heaps.with(
        queue,
        heap ->
            Steps.then(
                heaps.mode(heap),
                mode ->
                    watched(
                        heap,
                        Steps.map(
                            perPartition(partition -> peek(heap, mode, max, partition, deadline)),
                            parts -> parts.size() == 1 ? parts.get(0) : merged(parts, max)))));
  }

  private CompletableFuture<List<PeekedJob<byte[]>>> peek(
      Heap heap, Mode mode, int max, @Nullable Integer partition, Deadline deadline) {
    PeekReq.Builder request = PeekReq.newBuilder().setTopic(heap.topic).setLimit(max);
    if (partition != null) {
      request.setPartitionId(partition);
    }
    return caller.call(
        DisheapMethods.PEEK,
        request.build(),
        deadline,
        answer ->
            answer.getItemsList().stream().filter(item -> !item.getInDlq()).map(item -> DisheapMapping.peeked(item, mode)).toList());
  }

  private static List<PeekedJob<byte[]>> merged(List<List<PeekedJob<byte[]>>> parts, int max) {
    return parts.stream().flatMap(Collection::stream).sorted(BEST_FIRST).limit(max).toList();
  }

  /** One call for all partitions, or one for each of those that are meant. */
  private <T> CompletableFuture<List<T>> perPartition(Function<@Nullable Integer, CompletableFuture<T>> call) {
    return partitions.isEmpty()
        ? Steps.map(call.apply(null), List::of)
        : Steps.map(Steps.all(partitions.stream().map(call).toList()), DisheapQueues::all);
  }

  /** What came of each; if one failed and another did not, something was done all the same. */
  private static <T> List<T> all(List<Outcome<T>> outcomes) {
    TributaryException error = outcomes.stream().map(Outcome::error).filter(Objects::nonNull).findFirst().orElse(null);
    if (error != null && outcomes.stream().anyMatch(Outcome::succeeded)) {
      throw error.orMaybeApplied();
    }
    return outcomes.stream().map(Outcome::orThrow).toList();
  }

  @Override
  public CompletableFuture<QueueStats> stats(ResourceName queue, Deadline deadline) {
    return heaps.with(
        queue,
        heap ->
            caller.call(
                DisheapMethods.STATS,
                StatsReq.newBuilder().setTopic(heap.topic).build(),
                deadline,
                answer -> {
                  HeapStats stats = answer.getTopicStatsMap().get(heap.topic);
                  if (stats == null) {
                    throw uncounted("queue");
                  }
                  return partitions.isEmpty() ? stats(stats) : ofPartitions(stats);
                }));
  }

  private static QueueStats stats(HeapStats wire) {
    return new QueueStats(
        Math.max(0, wire.getTotalMessages() - wire.getInflightMessages()),
        wire.getInflightMessages(),
        OptionalLong.of(wire.getTotalEnqueues()),
        OptionalLong.of(wire.getTotalAcks()),
        OptionalLong.of(wire.getDlqMessages()),
        null);
  }

  private QueueStats ofPartitions(HeapStats wire) {
    long messages = 0;
    long inFlight = 0;
    for (int partition : partitions) {
      PartitionStats part = wire.getPartitionStatsMap().get(partition);
      if (part == null) {
        throw uncounted("partition " + partition);
      }
      messages += part.getMessages();
      inFlight += part.getInflight();
    }
    return new QueueStats(
        Math.max(0, messages - inFlight), inFlight, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), null);
  }

  private static UnsupportedFeatureException uncounted(String what) {
    return new UnsupportedFeatureException(
        ErrorInfo.of("this engine tells no counts of that " + what, "Check the name; there are engines that count only all queues together"));
  }

  @Override
  public CompletableFuture<RedeliveryPolicy> redeliveryPolicy(ResourceName queue, Deadline deadline) {
    throw fixedPolicy();
  }

  @Override
  public CompletableFuture<Void> setRedeliveryPolicy(ResourceName queue, RedeliveryPolicy policy, Deadline deadline) {
    throw fixedPolicy();
  }

  static UnsupportedFeatureException fixedPolicy() {
    return new UnsupportedFeatureException(
        ErrorInfo.of("the pauses between deliveries are Disheap's own", "Set maxAttempts of the queue or the job, or give each nack its delay"));
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    return heaps.with(
        queue,
        heap ->
            Steps.map(
                perPartition(
                    partition -> {
                      PurgeReq.Builder request = PurgeReq.newBuilder().setTopic(heap.topic).setForce(true);
                      if (partition != null) {
                        request.setPartitionId(partition);
                      }
                      return caller.call(DisheapMethods.PURGE, request.build(), deadline);
                    }),
                purged -> null));
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return new DisheapDeadLetters(heaps, caller);
  }
}
