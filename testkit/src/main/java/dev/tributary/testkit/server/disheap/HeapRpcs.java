package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Empty;
import com.google.protobuf.UnsafeByteOperations;
import dev.tributary.Capability;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.vertx.internal.disheap.proto.DeleteHeapReq;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Heaps as a whole: MakeHeap, DeleteHeap, UpdateHeapConfig, ListHeaps, Purge, Peek. */
class HeapRpcs {
  private static final int DEFAULT_PAGE = 50;
  private static final int MAX_PAGE = 1000;
  private static final int DEFAULT_PEEK = 10;
  private static final int MAX_PEEK = 100;

  private final Heaps heaps;
  private final StatsRpcs stats;
  private final ServerOptions options;
  private final Cluster cluster;

  HeapRpcs(Heaps heaps, StatsRpcs stats, ServerOptions options, Cluster cluster) {
    this.heaps = heaps;
    this.stats = stats;
    this.options = options;
    this.cluster = cluster;
  }

  CompletableFuture<MakeHeapResp> makeHeap(MakeHeapReq request, Deadline deadline) {
    cluster.mustLead();
    return Steps.map(
        heaps.make(request, deadline),
        heap ->
            MakeHeapResp.newBuilder()
                .setTopic(heap.topic())
                .setHeapId(heap.topic() + "-" + options.time().now().getEpochSecond())
                .build());
  }

  CompletableFuture<Empty> deleteHeap(DeleteHeapReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    return heaps.with(
        request.getTopic(),
        deadline,
        heap -> {
          forced(request.getForce(), "deleting " + heap.topic());
          return Steps.map(heaps.delete(heap, deadline), deleted -> Empty.getDefaultInstance());
        });
  }

  private static void forced(boolean force, String what) {
    if (!force) {
      throw Errors.precondition(what + " loses messages: it needs force");
    }
  }

  CompletableFuture<Empty> updateHeapConfig(UpdateHeapConfigReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    return heaps.with(
        request.getTopic(),
        deadline,
        heap -> Steps.map(heaps.update(heap, request, deadline), updated -> Empty.getDefaultInstance()));
  }

  /** By topic. A token that is none is the beginning, as it is with public servers. */
  CompletableFuture<ListHeapsResp> listHeaps(ListHeapsReq request, Deadline deadline) {
    int size = capped(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    int offset = offset(request.getPageToken());
    return Steps.then(
        listed(deadline),
        all -> {
          List<Heap> page = all.stream().skip(offset).limit(size).toList();
          return Steps.map(
              Steps.together(page.stream().map(heap -> described(heap, deadline)).toList()),
              infos ->
                  ListHeapsResp.newBuilder()
                      .addAllHeaps(infos)
                      .setNextPageToken(all.size() - offset > size ? Integer.toString(offset + size) : "")
                      .build());
        });
  }

  /** Which are listed, in which order. */
  CompletableFuture<List<Heap>> listed(Deadline deadline) {
    return heaps.all(deadline);
  }

  /** A heap as it is listed. */
  CompletableFuture<HeapInfo> described(Heap heap, Deadline deadline) {
    return Steps.map(stats.of(heap, deadline), counts -> heap.info().toBuilder().setStats(counts).build());
  }

  /** 0 is the default, and the wire's numbers are unsigned: a negative one is a large one. */
  private static int capped(int wanted, int byDefault, int most) {
    return wanted == 0 ? byDefault : wanted < 0 ? most : Math.min(wanted, most);
  }

  private static int offset(String token) {
    try {
      return Math.max(0, Integer.parseInt(token));
    } catch (NumberFormatException noOffset) {
      return 0;
    }
  }

  CompletableFuture<Empty> purge(PurgeReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    return heaps.with(request.getTopic(), deadline, heap -> purge(heap, request, deadline));
  }

  CompletableFuture<Empty> purge(Heap heap, PurgeReq request, Deadline deadline) {
    forced(request.getForce(), "purging " + heap.topic());
    heaps.require(Capability.PURGE);
    QueueTransport queues = heaps.queues(heap, request.hasPartitionId() ? List.of(request.getPartitionId()) : List.of());
    return Steps.map(queues.purge(heap.queue(), deadline), purged -> Empty.getDefaultInstance());
  }

  CompletableFuture<PeekResp> peek(PeekReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    return heaps.with(request.getTopic(), deadline, heap -> peek(heap, request, deadline));
  }

  /** Dead letters come first, where they are asked for. */
  CompletableFuture<PeekResp> peek(Heap heap, PeekReq request, Deadline deadline) {
    heaps.require(Capability.PEEK);
    int limit = capped(request.getLimit(), DEFAULT_PEEK, MAX_PEEK);
    QueueTransport queues = heaps.queues(heap, request.hasPartitionId() ? List.of(request.getPartitionId()) : List.of());
    boolean letters = request.getIncludeDlq() && heaps.can(Capability.DEAD_LETTERS);
    CompletableFuture<List<DeadLetter<byte[]>>> dead =
        letters ? queues.deadLetters().list(heap.queue(), limit + 1, deadline) : CompletableFuture.completedFuture(List.of());
    return Steps.then(
        dead,
        failed ->
            Steps.map(
                failed.size() > limit
                    ? CompletableFuture.<List<PeekedJob<byte[]>>>completedFuture(List.of())
                    : queues.peek(heap.queue(), limit + 1 - failed.size(), deadline),
                waiting -> {
                  List<PeekItem> items = new ArrayList<>();
                  failed.forEach(letter -> items.add(item(heap, letter)));
                  waiting.forEach(job -> items.add(item(heap, job)));
                  return PeekResp.newBuilder()
                      .addAllItems(items.subList(0, Math.min(limit, items.size())))
                      .setHasMore(items.size() > limit)
                      .build();
                }));
  }

  private static PeekItem item(Heap heap, PeekedJob<byte[]> job) {
    PeekItem.Builder item =
        PeekItem.newBuilder()
            .setMessageId(job.id())
            .setTopic(heap.topic())
            .setPartitionId(job.partition())
            .setPayload(UnsafeByteOperations.unsafeWrap(job.value()))
            .setPriority(Mapping.priority(heap.mode(), job.priority()))
            .setAttempts(job.attempts())
            .setMaxRetries(Mapping.retries(job.maxAttempts().orElse(0)))
            .setIsLeased(job.leased());
    Instant enqueued = job.enqueuedAt();
    if (enqueued != null) {
      item.setEnqueuedTime(Mapping.wire(enqueued));
    }
    Instant leasedUntil = job.leaseDeadline();
    if (leasedUntil != null) {
      item.setLeaseDeadline(Mapping.wire(leasedUntil));
    }
    ProducerSequence producer = job.producer();
    if (producer != null) {
      item.setProducerId(producer.producer()).setEpoch(producer.epoch()).setSequence(producer.sequence());
    }
    return item.build();
  }

  /** A transport keeps less of a dead letter: neither its priority nor when it was enqueued. */
  private static PeekItem item(Heap heap, DeadLetter<byte[]> letter) {
    return PeekItem.newBuilder()
        .setMessageId(letter.id())
        .setTopic(heap.topic())
        .setPayload(UnsafeByteOperations.unsafeWrap(letter.value()))
        .setAttempts(letter.attempts().orElse(0))
        .setInDlq(true)
        .build();
  }
}
