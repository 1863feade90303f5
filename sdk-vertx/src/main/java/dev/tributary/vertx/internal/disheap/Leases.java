package dev.tributary.vertx.internal.disheap;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.error.LeaseLostException;
import dev.tributary.internal.driver.LeaseGuard;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of leased jobs. Their leases are known to the node that gave them and to no other: each is settled there, wherever other
 * calls and streams are by then.
 */
final class Leases {
  private static final Logger LOG = System.getLogger("dev.tributary.disheap");

  /** A server extends a lease by no more than this in one call, whatever it is asked. */
  private static final Duration LONGEST_STEP = Duration.ofMinutes(5);

  private static final Duration GIVE_BACK = Duration.ofSeconds(5);

  /** A job that nobody began with: a server that does not know this counts an attempt. */
  private static final Rpc<NackReq, Empty> RELEASE = DisheapMethods.NACK.with("tributary-release", "1");

  private final GrpcCaller caller;
  private final List<Endpoint> nodes;
  private final TimeSource time;

  Leases(GrpcCaller caller, Network network) {
    this.caller = caller;
    this.nodes = network.endpoints().all();
    this.time = network.time();
  }

  /**
   * A job that this endpoint leased, and that came just now.
   *
   * @param asked the lease that was asked for
   */
  LeasedJob job(PopItem wire, Mode mode, Endpoint node, Duration asked) {
    return DisheapMapping.job(wire, mode, nodes.indexOf(node), Deadline.after(time, DisheapMapping.lease(wire, asked)));
  }

  CompletableFuture<Settlement.Result> settle(Heap heap, Settlement settlement, Deadline deadline) {
    LeasedJob job = settlement.job();
    return switch (settlement.kind()) {
      case ACK -> ack(heap, job, deadline);
      case NACK -> nack(DisheapMethods.NACK, heap, job, settlement.duration(), settlement.reason(), deadline);
      case RELEASE -> release(heap, job, deadline);
      case REJECT -> reject(heap, job, settlement.reason(), deadline);
      case EXTEND -> extend(heap, job, java.util.Objects.requireNonNull(settlement.duration()), deadline);
    };
  }

  private CompletableFuture<Settlement.Result> ack(Heap heap, LeasedJob job, Deadline deadline) {
    AckReq request = AckReq.newBuilder().setTopic(heap.topic).setMessageId(job.id()).setLeaseToken(Receipt.of(job).token()).build();
    return call(DisheapMethods.ACK, request, job, deadline, Settlement.Result.DONE);
  }

  private CompletableFuture<Settlement.Result> release(Heap heap, LeasedJob job, Deadline deadline) {
    return nack(RELEASE, heap, job, Duration.ZERO, null, deadline);
  }

  private CompletableFuture<Settlement.Result> nack(
      Rpc<NackReq, Empty> rpc, Heap heap, LeasedJob job, @Nullable Duration delay, @Nullable String reason, Deadline deadline) {
    // The answer does not say whether that was the last attempt.
    boolean last = job.attempt() >= job.maxAttempts().orElse(Integer.MAX_VALUE);
    return call(rpc, nack(heap, job, delay, reason), job, deadline, new Settlement.Result(last, null));
  }

  private static NackReq nack(Heap heap, LeasedJob job, @Nullable Duration delay, @Nullable String reason) {
    NackReq.Builder request = NackReq.newBuilder().setTopic(heap.topic).setMessageId(job.id()).setLeaseToken(Receipt.of(job).token());
    if (delay != null) {
      request.setBackoffOverride(DisheapMapping.wire(delay));
    }
    if (reason != null) {
      request.setReason(reason);
    }
    return request.build();
  }

  /** The wire does not ask for the lease. */
  private CompletableFuture<Settlement.Result> reject(Heap heap, LeasedJob job, @Nullable String reason, Deadline deadline) {
    MoveToDlqReq.Builder request = MoveToDlqReq.newBuilder().setTopic(heap.topic).setMessageId(job.id());
    if (reason != null) {
      request.setReason(reason);
    }
    return LeaseGuard.whileOurs(
        job, deadline, until -> call(DisheapMethods.MOVE_TO_DLQ, request.build(), job, until, new Settlement.Result(true, null)));
  }

  /** Here a lease is extended from now, there from its end. */
  private CompletableFuture<Settlement.Result> extend(Heap heap, LeasedJob job, Duration length, Deadline deadline) {
    Deadline end = job.leaseDeadline() == null ? Deadline.after(time, Duration.ZERO) : job.leaseDeadline();
    return extend(heap, job, end, length.minus(end.remaining()), deadline);
  }

  private CompletableFuture<Settlement.Result> extend(Heap heap, LeasedJob job, Deadline end, Duration by, Deadline deadline) {
    if (by.isNegative() || by.isZero()) {
      return CompletableFuture.completedFuture(new Settlement.Result(false, end));
    }
    Duration step = by.compareTo(LONGEST_STEP) < 0 ? by : LONGEST_STEP;
    ExtendReq request =
        ExtendReq.newBuilder().setTopic(heap.topic).setLeaseToken(Receipt.of(job).token()).setExtension(DisheapMapping.wire(step)).build();
    Deadline next = end.plus(step);
    CompletableFuture<Settlement.Result> call =
        call(DisheapMethods.EXTEND, request, job, deadline, new Settlement.Result(false, next));
    return by.equals(step)
        ? call
        : Steps.then(
            call,
            extended ->
                Steps.recover(
                    extend(heap, job, next, by.minus(step), deadline),
                    LeaseLostException.class,
                    // As far as it goes: a lease can be extended only so often.
                    lost -> CompletableFuture.completedFuture(extended)));
  }

  private <Q extends Message, A extends Message> CompletableFuture<Settlement.Result> call(
      Rpc<Q, A> rpc, Q request, LeasedJob job, Deadline deadline, Settlement.Result result) {
    return Steps.translate(
        caller.callAt(nodes.get(Receipt.of(job).node()), rpc, request, deadline, done -> result),
        error -> DisheapErrors.ofLease(error, job.id()));
  }

  /** Returns a job that nobody wants, as if it had never come; completes when that is done, however. */
  CompletableFuture<Boolean> giveBack(Heap heap, LeasedJob job) {
    return caller
        .within(GIVE_BACK, deadline -> release(heap, job, deadline))
        .handle(
            (done, error) -> {
              if (error != null) {
                LOG.log(Level.DEBUG, "job " + job.id() + " of " + heap.topic + " comes back only when its lease ends", error);
              }
              return error == null;
            });
  }
}
