package dev.tributary.testkit.server.disheap;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.TransactionOptions;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Enqueue and EnqueueBatch. */
class EnqueueRpcs {
  private static final int MAX_BATCH = 100;
  private static final long MAX_PRIORITY = 1_000_000;
  private static final Duration MAX_DELAY = Duration.ofDays(365);
  private static final int LONGEST_PRODUCER = 255;
  private static final TransactionOptions TRANSACTION = TransactionOptions.timeout(Duration.ofSeconds(30));

  private final Heaps heaps;
  private final ServerOptions options;
  private final Ulids ulids = new Ulids();

  EnqueueRpcs(Heaps heaps, ServerOptions options) {
    this.heaps = heaps;
    this.options = options;
  }

  CompletableFuture<EnqueueResp> enqueue(EnqueueReq request, Deadline deadline) {
    check(request);
    return heaps.with(
        heaps.findOrMake(request.getTopic(), deadline),
        heap ->
            Steps.map(
                heaps.queues().enqueue(heap.queue(), List.of(job(heap, request)), false, deadline),
                outcomes -> response(outcomes.get(0).orThrow())));
  }

  /** All or none: what is wrong with one of them is found before any is stored. */
  CompletableFuture<EnqueueBatchResp> enqueueBatch(EnqueueBatchReq request, Deadline deadline) {
    List<EnqueueReq> requests = request.getRequestsList();
    checkSize(requests);
    each(
        requests,
        index -> {
          check(requests.get(index));
          return index;
        });
    Map<String, CompletableFuture<Heap>> found = new LinkedHashMap<>();
    each(requests, index -> found.computeIfAbsent(requests.get(index).getTopic(), topic -> ofItem(index, heaps.findOrMake(topic, deadline))));
    return Steps.then(
        Steps.together(List.copyOf(found.values())),
        all -> {
          Map<String, Part> parts = new LinkedHashMap<>();
          all.forEach(heap -> parts.put(heap.topic(), new Part(heap)));
          each(requests, index -> Objects.requireNonNull(parts.get(requests.get(index).getTopic())).add(index, requests.get(index)));
          return Steps.map(
              store(List.copyOf(parts.values()), deadline),
              results -> response(request.getTransactionId(), requests.size(), results));
        });
  }

  static void checkSize(List<EnqueueReq> requests) {
    if (requests.isEmpty() || requests.size() > MAX_BATCH) {
      throw Rejection.invalid("a batch is of 1 to " + MAX_BATCH + " requests, not of " + requests.size());
    }
  }

  /** Does this for each of them, and says which it was that something was wrong with. */
  private static <T> void each(List<EnqueueReq> requests, IntFunction<T> work) {
    for (int i = 0; i < requests.size(); i++) {
      try {
        work.apply(i);
      } catch (RuntimeException refused) {
        throw Errors.ofItem(i, refused);
      }
    }
  }

  private static <T> CompletableFuture<T> ofItem(int index, CompletableFuture<T> work) {
    return Steps.otherwise(work, error -> CompletableFuture.failedFuture(Errors.ofItem(index, error)));
  }

  /** What of a batch goes to one heap. */
  private final class Part {
    private final Heap heap;
    private final List<Integer> indices = new ArrayList<>();
    private final List<NewJob<byte[]>> jobs = new ArrayList<>();

    private Part(Heap heap) {
      this.heap = heap;
    }

    private Part add(int index, EnqueueReq request) {
      indices.add(index);
      jobs.add(job(heap, request));
      return this;
    }

    /** By their places in the batch. */
    private Map<Integer, EnqueueResult> results(List<Outcome<EnqueueResult>> outcomes) {
      Map<Integer, EnqueueResult> results = new LinkedHashMap<>();
      for (int i = 0; i < outcomes.size(); i++) {
        if (!outcomes.get(i).succeeded()) {
          throw Errors.ofItem(indices.get(i), Objects.requireNonNull(outcomes.get(i).error()));
        }
        results.put(indices.get(i), outcomes.get(i).orThrow());
      }
      return results;
    }
  }

  private CompletableFuture<Map<Integer, EnqueueResult>> store(List<Part> parts, Deadline deadline) {
    if (parts.size() > 1) {
      return storeTogether(parts, deadline);
    }
    Part only = parts.get(0);
    boolean atomic = only.jobs.size() > 1;
    if (atomic && !heaps.can(Capability.ATOMIC_ENQUEUE)) {
      throw Errors.precondition(heaps.transport().backend() + " stores no batch as a whole");
    }
    return heaps.with(
        CompletableFuture.completedFuture(only.heap),
        heap -> Steps.map(heaps.queues().enqueue(heap.queue(), only.jobs, atomic, deadline), only::results));
  }

  private CompletableFuture<Map<Integer, EnqueueResult>> storeTogether(List<Part> parts, Deadline deadline) {
    if (!heaps.can(Capability.TRANSACTIONAL_ENQUEUE)) {
      throw Errors.precondition(heaps.transport().backend() + " has no transactions: a batch can only be of one topic");
    }
    TransactionTransport transactions = heaps.transport().transactions().orElseThrow();
    return Steps.then(
        transactions.begin(TRANSACTION, deadline),
        session -> {
          Map<Integer, EnqueueResult> results = new LinkedHashMap<>();
          CompletableFuture<Void> work = CompletableFuture.completedFuture(null);
          for (Part part : parts) {
            work =
                Steps.then(
                    work,
                    before ->
                        Steps.map(
                            session.enqueue(part.heap.queue(), part.jobs, deadline),
                            outcomes -> {
                              results.putAll(part.results(outcomes));
                              return before;
                            }));
          }
          return Steps.map(
              Steps.otherwise(Steps.then(work, stored -> session.commit(deadline)), error -> abort(session, error, deadline)),
              committed -> results);
        });
  }

  private static CompletableFuture<Void> abort(TransactionTransport.Session session, Throwable error, Deadline deadline) {
    CompletableFuture<Void> failed = CompletableFuture.failedFuture(error);
    return Steps.then(Steps.otherwise(session.abort(deadline), alsoFailed -> failed), aborted -> failed);
  }

  private EnqueueBatchResp response(String transaction, int size, Map<Integer, EnqueueResult> results) {
    return EnqueueBatchResp.newBuilder()
        .addAllResponses(IntStream.range(0, size).mapToObj(i -> response(Objects.requireNonNull(results.get(i)))).toList())
        .setTransactionId(transaction.isEmpty() ? ulids.next(options.time().now()) : transaction)
        .setAllDuplicates(results.values().stream().allMatch(EnqueueResult::duplicate))
        .build();
  }

  EnqueueResp response(EnqueueResult result) {
    return EnqueueResp.newBuilder()
        .setMessageId(result.id())
        .setDuplicate(result.duplicate())
        .setPartitionId(result.partition())
        .build();
  }

  /** What can be said of a request before its heap is known. */
  void check(EnqueueReq request) {
    heaps.queue(request.getTopic());
    if (request.getPayload().isEmpty()) {
      throw Rejection.invalid("payload is required");
    }
    if (request.getPriority() < -MAX_PRIORITY || request.getPriority() > MAX_PRIORITY) {
      throw Rejection.invalid("priority must be between -" + MAX_PRIORITY + " and " + MAX_PRIORITY);
    }
    if (request.hasNotBefore()) {
      Mapping.upTo("not_before", request.getNotBefore(), MAX_DELAY);
    }
    if (numbered(request)) {
      int length = request.getProducerId().length();
      if (length < 1 || length > LONGEST_PRODUCER) {
        throw Rejection.invalid("producer_id must be of 1 to " + LONGEST_PRODUCER + " characters");
      }
      if (request.getEpoch() < 1 || request.getSequence() < 1) {
        throw Rejection.invalid("epoch and sequence must be between 1 and " + Long.MAX_VALUE);
      }
    }
  }

  /** All three, or it is not numbered. */
  private static boolean numbered(EnqueueReq request) {
    return request.hasProducerId() && request.hasEpoch() && request.hasSequence();
  }

  /** The message as its heap takes it, if it does. */
  NewJob<byte[]> job(Heap heap, EnqueueReq request) {
    if (Long.compareUnsigned(request.getPayload().size(), heap.info().getMaxPayloadBytes()) > 0) {
      throw Rejection.invalid(
          "payload of " + request.getPayload().size() + " bytes is larger than the maximum of " + heap.info().getMaxPayloadBytes());
    }
    NewJob.Builder<byte[]> job = NewJob.builder(request.getPayload().toByteArray());
    if (request.getPriority() != 0) {
      heaps.require(Capability.JOB_PRIORITY);
      job.priority(Mapping.priority(heap.mode(), request.getPriority()));
    }
    Duration delay = Mapping.duration("not_before", request.getNotBefore());
    if (!delay.isZero()) {
      heaps.require(Capability.JOB_DELAY);
      job.delay(heaps.delay(delay));
    }
    if (request.hasMaxRetries()) {
      heaps.require(Capability.JOB_MAX_ATTEMPTS);
      int attempts = Mapping.maxAttempts(request.getMaxRetries());
      job.maxAttempts(attempts == 0 ? Integer.MAX_VALUE : attempts);
    }
    // Which partition it is cannot matter where there is but one.
    if (request.hasPartitionKey() && heaps.can(Capability.JOB_PARTITION_KEY)) {
      job.partitionKey(request.getPartitionKey());
    }
    if (numbered(request)) {
      number(job, request);
    }
    return job.build();
  }

  private void number(NewJob.Builder<byte[]> job, EnqueueReq request) {
    if (heaps.can(Capability.PRODUCER_SEQUENCES)) {
      job.producerSequence(new ProducerSequence(request.getProducerId(), request.getEpoch(), request.getSequence()));
    } else if (heaps.can(Capability.JOB_DEDUPLICATION)) {
      job.deduplicationId(request.getProducerId() + ":" + request.getEpoch() + ":" + request.getSequence());
    }
  }
}
