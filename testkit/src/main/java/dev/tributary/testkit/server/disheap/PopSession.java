package dev.tributary.testkit.server.disheap;

import com.google.protobuf.UnsafeByteOperations;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One open PopStream: jobs are received as the client has credits for them, and written as the connection takes them. One receive is under way at
 * a time; it waits for jobs until the client has said all, and then takes what is ready right then: when that is none, the stream ends. Invariant:
 * what is asked for, what is here and what has credits left agree, within {@link #WINDOW}, so that a client that does not read holds up nobody
 * else's jobs; and what was received is either written or given back. Lives on the call's context, except that jobs come from any thread.
 */
final class PopSession implements PopRpc.Session {
  private static final System.Logger LOG = System.getLogger("dev.tributary.testkit.server.disheap");
  private static final int WINDOW = 64;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  /** Where the transport does not wait. */
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final long CREDITS = 0xFFFF_FFFFL;
  private static final Duration GIVE_BACK_TIMEOUT = Duration.ofSeconds(30);

  private final Heaps heaps;
  private final Leases leases;
  private final ServerOptions options;
  private final ServerCall<PopOpen, PopItem> call;
  /** What is not written yet. Guarded by itself. */
  private final Queue<Arrival> arrived = new ArrayDeque<>();
  private boolean turnPlanned;
  private long credits;
  private int filters;
  private boolean looking;
  private boolean halfClosed;
  private boolean dry;
  private boolean endingWell;
  private @Nullable Target target;
  private CompletableFuture<?> finding = CompletableFuture.completedFuture(null);
  private @Nullable CompletableFuture<List<LeasedJob>> taking;
  /** Completes when what the last receive brought is in {@link #arrived}. */
  private CompletableFuture<?> taken = CompletableFuture.completedFuture(null);
  private TimeSource.@Nullable Timer pause;

  /** What the filter in force asks for. */
  private record Target(Heap heap, QueueTransport queues, Duration lease) {}

  private record Arrival(Target from, LeasedJob job) {}

  PopSession(Heaps heaps, Leases leases, ServerOptions options, ServerCall<PopOpen, PopItem> call) {
    this.heaps = heaps;
    this.leases = leases;
    this.options = options;
    this.call = call;
    call.response().drainHandler(drained -> turn());
    call.context().runOnContext(turn -> writeHead());
  }

  /** A client may wait for it before it says anything. */
  private void writeHead() {
    if (!call.ended()) {
      call.response().writeHead();
    }
  }

  @Override
  public void message(PopOpen message) {
    switch (message.getKindCase()) {
      case FLOW_CONTROL -> {
        credits = credits + Integer.toUnsignedLong(message.getFlowControl().getCredits()) & CREDITS;
        plan();
      }
      case FILTER -> filter(message.getFilter());
      case KIND_NOT_SET -> {}
    }
  }

  @Override
  public void halfClosed() {
    halfClosed = true;
    stop().whenComplete((nothing, error) -> call.onContext(this::plan));
  }

  /** Replaces what there is. One without a topic asks for nothing. */
  private void filter(PopFilter filter) {
    int number = ++filters;
    looking = false;
    target = null;
    finding.cancel(true);
    CompletableFuture<?> stopped = stop();
    if (filter.getTopic().isEmpty()) {
      return;
    }
    heaps.queue(filter.getTopic());
    CompletableFuture<Target> found = Steps.then(stopped, nothing -> target(filter));
    finding = found;
    looking = true;
    found.whenComplete((there, error) -> call.onContext(() -> found(number, there, error)));
  }

  private CompletableFuture<Target> target(PopFilter filter) {
    return Steps.map(
        heaps.findOrMake(filter.getTopic(), call.deadline()),
        heap -> {
          Duration lease =
              filter.hasVisibilityTimeout()
                  ? Mapping.positive("visibility_timeout", filter.getVisibilityTimeout())
                  : heap.lease();
          Duration capped = lease.compareTo(HeapInfos.MAX_LEASE) < 0 ? lease : HeapInfos.MAX_LEASE;
          return new Target(heap, heaps.queues(heap, filter.getPartitionIdsList()), heaps.lease(capped));
        });
  }

  private void found(int number, @Nullable Target there, @Nullable Throwable error) {
    if (number != filters || call.ended()) {
      return;
    }
    looking = false;
    if (error == null) {
      target = there;
      plan();
    } else {
      call.fail(Steps.unwrap(error));
    }
  }

  /** No more jobs from what there is; completes when the last one came. */
  private CompletableFuture<?> stop() {
    if (taking != null) {
      taking.cancel(true);
      taking = null;
    }
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
    return taken.copy();
  }

  /** Several things that happen at once need but one turn. */
  private void plan() {
    if (!turnPlanned) {
      turnPlanned = true;
      call.context().runOnContext(turn -> turn());
    }
  }

  private void turn() {
    turnPlanned = false;
    if (call.ended()) {
      return;
    }
    write();
    try {
      ask();
    } catch (RuntimeException refused) {
      call.fail(refused);
    }
  }

  private void write() {
    while (credits > 0 && !call.ended() && !call.response().writeQueueFull()) {
      Arrival next;
      synchronized (arrived) {
        next = arrived.poll();
      }
      if (next == null) {
        return;
      }
      Deadline end = next.job().leaseDeadline();
      // One whose lease ended before its turn came is somebody else's by now.
      if (end == null || !end.expired()) {
        credits--;
        deliver(next.from(), next.job());
      }
    }
  }

  private void deliver(Target from, LeasedJob job) {
    Leases.Lease lease = leases.grant(from.heap(), job, from.lease(), this);
    from.heap().pops.increment();
    if (job.attempt() > 1) {
      from.heap().retries.increment();
    }
    call.response().write(item(from.heap(), job, lease)).onFailure(lost -> unwritten(lease));
  }

  /** The client is gone. A receive that still took jobs would take this one again and again. */
  private void unwritten(Leases.Lease lease) {
    call.lost();
    call.onContext(() -> taken.whenComplete((stopped, error) -> giveBack(lease, heaps::untried)));
  }

  private PopItem item(Heap heap, LeasedJob job, Leases.Lease lease) {
    PopItem.Builder item =
        PopItem.newBuilder()
            .setMessageId(job.id())
            .setTopic(heap.topic())
            .setPartitionId(job.partition())
            .setPayload(UnsafeByteOperations.unsafeWrap(job.value()))
            .setPriority(Mapping.priority(heap.mode(), job.priority()))
            .setLeaseToken(lease.token())
            .setLeaseDeadline(Mapping.wire(leases.end(lease)))
            .setAttempts(job.attempt())
            .setMaxRetries(job.maxAttempts().isEmpty() ? heap.info().getMaxRetriesDefault() : Mapping.retries(job.maxAttempts().getAsInt()));
    Instant enqueued = job.enqueuedAt();
    if (enqueued != null) {
      item.setEnqueuedTime(Mapping.wire(enqueued));
    }
    ProducerSequence producer = job.producer();
    if (producer != null) {
      item.setProducerId(producer.producer()).setEpoch(producer.epoch()).setSequence(producer.sequence());
    }
    return item.build();
  }

  /** Asks for what there are credits for, and room; ends what is half-closed when there is no more of any. */
  private void ask() {
    if (taking != null || pause != null || looking || !taken.isDone()) {
      return;
    }
    int waiting;
    synchronized (arrived) {
      waiting = arrived.size();
    }
    Target from = target;
    long more = Math.min(credits, WINDOW) - waiting;
    if (halfClosed && (from == null || dry || credits == 0)) {
      if (waiting == 0 || credits == 0) {
        endingWell = true;
        call.end();
      }
    } else if (from != null && more > 0) {
      take(from, (int) Math.min(more, heaps.limits().maxReceive()));
    }
  }

  private void take(Target from, int most) {
    Duration longest = heaps.limits().maxWait();
    Duration wait = halfClosed ? Duration.ZERO : longest.compareTo(LONGEST_WAIT) < 0 ? longest : LONGEST_WAIT;
    CompletableFuture<List<LeasedJob>> asked =
        from.queues().receive(from.heap().queue(), most, from.lease(), wait, Deadline.after(options.time(), wait.plus(PATIENCE)));
    CompletableFuture<Void> here = new CompletableFuture<>();
    taking = asked;
    taken = here;
    asked.whenComplete(
        (jobs, error) -> {
          if (jobs != null) {
            synchronized (arrived) {
              jobs.forEach(job -> arrived.add(new Arrival(from, job)));
            }
          }
          here.complete(null);
          if (!asked.isCancelled()) { // else it was stopped here, and the event loop may be too
            call.context().runOnContext(turn -> took(asked, from, jobs, error));
          }
        });
  }

  private void took(CompletableFuture<?> asked, Target from, @Nullable List<LeasedJob> jobs, @Nullable Throwable error) {
    if (taking == asked) {
      taking = null;
      if (jobs == null) {
        target = null;
        Throwable cause = Steps.unwrap(Objects.requireNonNull(error));
        call.fail(cause instanceof NotFoundException ? heaps.gone(from.heap()) : cause);
        return;
      }
      if (jobs.isEmpty()) {
        nothing();
      }
    }
    turn();
  }

  private void nothing() {
    if (halfClosed) {
      dry = true;
    } else if (heaps.limits().maxWait().isZero()) {
      pause = options.time().schedule(PAUSE, () -> call.onContext(this::proceed));
    }
  }

  private void proceed() {
    pause = null;
    turn();
  }

  /** What its client did not get is ready again at once, and was not delivered; what it did get counts as an attempt. */
  @Override
  public void close() {
    filters++;
    target = null;
    finding.cancel(true);
    stop().whenComplete((stopped, error) -> giveBackUnwritten());
    if (options.releaseOnDisconnect() && !endingWell) {
      leases.grantedTo(this).forEach(lease -> giveBack(lease, job -> new Settlement(Settlement.Kind.NACK, job, Duration.ZERO, null)));
    }
  }

  private void giveBackUnwritten() {
    List<Arrival> unwritten;
    synchronized (arrived) {
      unwritten = List.copyOf(arrived);
      arrived.clear();
    }
    unwritten.forEach(one -> giveBack(one.from().heap(), heaps.untried(one.job())));
  }

  private void giveBack(Leases.Lease lease, Function<LeasedJob, Settlement> how) {
    leases.drop(lease);
    giveBack(lease.heap(), how.apply(leases.job(lease)));
  }

  /** If it fails, the lease runs out. */
  private void giveBack(Heap heap, Settlement settlement) {
    heaps
        .queues()
        .settle(heap.queue(), List.of(settlement), Deadline.after(options.time(), GIVE_BACK_TIMEOUT))
        .whenComplete(
            (settled, error) -> {
              if (error != null) {
                LOG.log(System.Logger.Level.DEBUG, () -> "could not give back a message of " + heap.topic(), error);
              }
            });
  }
}
