package dev.tributary.testkit.server.disheap;

import dev.tributary.Capability;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.PartitionStats;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import dev.tributary.vertx.internal.disheap.proto.StatsResp;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Stats. Messages are counted by the transport, deliveries here. */
class StatsRpcs {
  /** As many dead letters as a heap keeps. */
  private static final int MAX_DEAD_LETTERS = 10_000;

  private final Heaps heaps;
  private final Leases leases;
  private final String node;

  StatsRpcs(Heaps heaps, Leases leases, String node) {
    this.heaps = heaps;
    this.leases = leases;
    this.node = node;
  }

  /** The sum of all heaps, and each one that was asked for with its partitions. */
  CompletableFuture<StatsResp> stats(StatsReq request, Deadline deadline) {
    if (request.hasTopic()) {
      heaps.queue(request.getTopic());
      return heaps.with(request.getTopic(), deadline, heap -> stats(request, List.of(heap), deadline));
    }
    return Steps.then(heaps.all(deadline), all -> stats(request, all, deadline));
  }

  private CompletableFuture<StatsResp> stats(StatsReq request, List<Heap> chosen, Deadline deadline) {
    // Of all heaps, only those have the partition that have that many.
    List<Heap> shown =
        request.hasTopic() || !request.hasPartitionId()
            ? chosen
            : chosen.stream().filter(heap -> Integer.compareUnsigned(request.getPartitionId(), heap.partitions()) < 0).toList();
    CompletableFuture<List<HeapStats>> each = Steps.together(shown.stream().map(heap -> detailed(heap, request, deadline)).toList());
    return Steps.then(
        each,
        counts ->
            Steps.map(
                global(deadline),
                sum -> {
                  StatsResp.Builder answer = StatsResp.newBuilder().setGlobalStats(sum);
                  for (int i = 0; i < shown.size(); i++) {
                    answer.putTopicStats(shown.get(i).topic(), counts.get(i));
                  }
                  return answer.build();
                }));
  }

  /** All heaps together. */
  CompletableFuture<HeapStats> global(Deadline deadline) {
    return Steps.then(
        heaps.all(deadline),
        all ->
            Steps.map(
                Steps.together(all.stream().map(heap -> of(heap, deadline)).toList()),
                counts -> counts.stream().reduce(HeapStats.getDefaultInstance(), StatsRpcs::sum)));
  }

  private static HeapStats sum(HeapStats one, HeapStats other) {
    return HeapStats.newBuilder()
        .setTotalMessages(one.getTotalMessages() + other.getTotalMessages())
        .setInflightMessages(one.getInflightMessages() + other.getInflightMessages())
        .setDlqMessages(one.getDlqMessages() + other.getDlqMessages())
        .setTotalEnqueues(one.getTotalEnqueues() + other.getTotalEnqueues())
        .setTotalPops(one.getTotalPops() + other.getTotalPops())
        .setTotalAcks(one.getTotalAcks() + other.getTotalAcks())
        .setTotalNacks(one.getTotalNacks() + other.getTotalNacks())
        .setTotalRetries(one.getTotalRetries() + other.getTotalRetries())
        .setTotalTimeouts(one.getTotalTimeouts() + other.getTotalTimeouts())
        .build();
  }

  private CompletableFuture<HeapStats> detailed(Heap heap, StatsReq request, Deadline deadline) {
    List<Integer> asked = request.hasPartitionId() ? List.of(request.getPartitionId()) : List.of();
    List<Integer> partitions =
        !asked.isEmpty()
            ? asked
            : heap.partitions() == 1 || heaps.can(Capability.JOB_PARTITIONS)
                ? IntStream.range(0, heap.partitions()).boxed().toList()
                : List.of();
    return Steps.then(
        of(heap, asked, deadline),
        counts ->
            Steps.map(
                Steps.together(partitions.stream().map(partition -> partition(heap, partition, deadline)).toList()),
                parts -> {
                  HeapStats.Builder whole = counts.toBuilder();
                  parts.forEach(part -> whole.putPartitionStats(part.getPartitionId(), part));
                  return whole.build();
                }));
  }

  private CompletableFuture<PartitionStats> partition(Heap heap, int partition, Deadline deadline) {
    return Steps.map(
        heaps.queues(heap, List.of(partition)).stats(heap.queue(), deadline),
        counts ->
            PartitionStats.newBuilder()
                .setPartitionId(partition)
                .setMessages(counts.pending() + counts.inFlight())
                .setInflight(counts.inFlight())
                .setLeaderNode(node)
                .addReplicaNodes(node)
                .setIsHealthy(true)
                .build());
  }

  /** One heap, without its partitions. */
  CompletableFuture<HeapStats> of(Heap heap, Deadline deadline) {
    return of(heap, List.of(), deadline);
  }

  private CompletableFuture<HeapStats> of(Heap heap, List<Integer> partitions, Deadline deadline) {
    CompletableFuture<QueueStats> counts = heaps.queues(heap, partitions).stats(heap.queue(), deadline);
    return Steps.then(
        counts, known -> Steps.map(deadLetters(heap, deadline), dead -> stats(heap, known, dead)));
  }

  private CompletableFuture<Integer> deadLetters(Heap heap, Deadline deadline) {
    return heaps.can(Capability.DEAD_LETTERS)
        ? Steps.map(heaps.queues().deadLetters().list(heap.queue(), MAX_DEAD_LETTERS, deadline), List::size)
        : CompletableFuture.completedFuture(0);
  }

  private HeapStats stats(Heap heap, QueueStats counts, int deadLetters) {
    leases.expire();
    return HeapStats.newBuilder()
        .setTotalMessages(counts.pending() + counts.inFlight())
        .setInflightMessages(counts.inFlight())
        .setDlqMessages(deadLetters)
        .setTotalEnqueues(counts.enqueued().orElse(0))
        .setTotalPops(heap.pops.sum())
        .setTotalAcks(counts.completed().orElse(0))
        .setTotalNacks(heap.nacks.sum())
        .setTotalRetries(heap.retries.sum())
        .setTotalTimeouts(heap.timeouts.sum())
        .build();
  }
}
