package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Empty;
import dev.tributary.Capability;
import dev.tributary.error.LeaseLostException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What becomes of messages that are with clients: Ack, Nack, Extend, MoveToDLQ. */
class LeaseRpcs {
  private static final Duration MAX_BACKOFF = Duration.ofDays(365);
  private static final Duration MAX_EXTENSION = Duration.ofMinutes(5);
  private static final int LOOK = 10_000;

  private final Heaps heaps;
  private final Leases leases;
  private final ServerOptions options;

  LeaseRpcs(Heaps heaps, Leases leases, ServerOptions options) {
    this.heaps = heaps;
    this.leases = leases;
    this.options = options;
  }

  CompletableFuture<Empty> ack(AckReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    Mapping.required("message_id", request.getMessageId());
    Mapping.required("lease_token", request.getLeaseToken());
    return heaps.with(request.getTopic(), deadline, heap -> ack(heap, request, deadline));
  }

  CompletableFuture<Empty> ack(Heap heap, AckReq request, Deadline deadline) {
    return settle(leases.find(heap, request.getLeaseToken(), request.getMessageId()), Settlement.Kind.ACK, null, null, deadline);
  }

  CompletableFuture<Empty> nack(NackReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    Mapping.required("message_id", request.getMessageId());
    Mapping.required("lease_token", request.getLeaseToken());
    Mapping.upTo("backoff_override", request.getBackoffOverride(), MAX_BACKOFF);
    return heaps.with(request.getTopic(), deadline, heap -> nack(heap, request, deadline));
  }

  CompletableFuture<Empty> nack(Heap heap, NackReq request, Deadline deadline) {
    Leases.Lease lease = leases.find(heap, request.getLeaseToken(), request.getMessageId());
    Duration backoff = backoff(heap, request, leases.job(lease).attempt());
    return Steps.map(
        settle(
            lease,
            Settlement.Kind.NACK,
            backoff == null ? null : heaps.delay(backoff),
            request.hasReason() ? request.getReason() : null,
            deadline),
        done -> {
          heap.nacks.increment();
          return done;
        });
  }

  /** A Nack of a message that nobody began. */
  CompletableFuture<Empty> release(NackReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    Mapping.required("message_id", request.getMessageId());
    Mapping.required("lease_token", request.getLeaseToken());
    return heaps.with(request.getTopic(), deadline, heap -> release(heap, request, deadline));
  }

  CompletableFuture<Empty> release(Heap heap, NackReq request, Deadline deadline) {
    Leases.Lease lease = leases.find(heap, request.getLeaseToken(), request.getMessageId());
    return settle(lease, heaps.untried(leases.job(lease)), deadline);
  }

  /** A random part of one that doubles with each delivery, unless it is said; null for what the queue's policy has. */
  private @Nullable Duration backoff(Heap heap, NackReq request, int attempt) {
    if (request.hasBackoffOverride()) {
      return Mapping.duration("backoff_override", request.getBackoffOverride());
    }
    return heap.made() ? jitter(HeapInfos.backoff(attempt)) : null;
  }

  private Duration jitter(Duration longest) {
    return Duration.ofNanos((long) (longest.toNanos() * options.jitter().getAsDouble()));
  }

  CompletableFuture<Empty> extend(ExtendReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    Mapping.required("lease_token", request.getLeaseToken());
    Duration wanted = Mapping.duration("extension", request.getExtension());
    if (wanted.isZero() || wanted.isNegative()) {
      throw Rejection.invalid("extension must be positive");
    }
    return heaps.with(request.getTopic(), deadline, heap -> extend(heap, request, wanted, deadline));
  }

  /** Adds to the end of the lease as it is, not to the time of day. */
  CompletableFuture<Empty> extend(Heap heap, ExtendReq request, Duration wanted, Deadline deadline) {
    heaps.require(Capability.LEASE_EXTENSION);
    Leases.Lease lease = leases.find(heap, request.getLeaseToken());
    Duration by = wanted.compareTo(MAX_EXTENSION) < 0 ? wanted : MAX_EXTENSION;
    Duration length = Duration.between(options.time().now(), leases.extend(lease, by, options.maxExtensions()));
    CompletableFuture<Empty> extended = settle(lease, Settlement.Kind.EXTEND, heaps.lease(length), null, deadline);
    extended.whenComplete(
        (done, error) -> {
          if (error != null) {
            leases.undoExtension(lease, by);
          }
        });
    return extended;
  }

  CompletableFuture<Empty> moveToDlq(MoveToDlqReq request, Deadline deadline) {
    heaps.queue(request.getTopic());
    Mapping.required("message_id", request.getMessageId());
    return heaps.with(request.getTopic(), deadline, heap -> moveToDlq(heap, request, deadline));
  }

  /**
   * A message that is with a client is taken from it. One that waits cannot be moved: a transport has no way to put aside what nobody has
   * leased.
   */
  CompletableFuture<Empty> moveToDlq(Heap heap, MoveToDlqReq request, Deadline deadline) {
    heaps.require(Capability.DEAD_LETTERS);
    Leases.Lease lease = leases.ofMessage(heap, request.getMessageId());
    return lease == null
        ? waiting(heap, request.getMessageId(), deadline)
        : settle(lease, Settlement.Kind.REJECT, null, request.hasReason() ? request.getReason() : null, deadline);
  }

  private CompletableFuture<Empty> waiting(Heap heap, String id, Deadline deadline) {
    heaps.require(Capability.PEEK);
    return Steps.map(
        heaps.queues().peek(heap.queue(), LOOK, deadline),
        jobs -> {
          throw jobs.stream().anyMatch(job -> job.id().equals(id))
              ? Errors.precondition("message " + id + " is not leased: pop it first")
              : Rejection.notFound("message not found: " + id);
        });
  }

  private CompletableFuture<Empty> settle(
      Leases.Lease lease, Settlement.Kind kind, @Nullable Duration duration, @Nullable String reason, Deadline deadline) {
    return settle(lease, new Settlement(kind, leases.job(lease), duration, reason), deadline);
  }

  private CompletableFuture<Empty> settle(Leases.Lease lease, Settlement settlement, Deadline deadline) {
    return Steps.map(
        heaps.queues().settle(lease.heap().queue(), List.of(settlement), deadline),
        outcomes -> {
          boolean lost = outcomes.get(0).error() instanceof LeaseLostException;
          if (lost || settlement.kind() != Settlement.Kind.EXTEND && outcomes.get(0).succeeded()) {
            leases.drop(lease);
          }
          outcomes.get(0).orThrow();
          return Empty.getDefaultInstance();
        });
  }
}
