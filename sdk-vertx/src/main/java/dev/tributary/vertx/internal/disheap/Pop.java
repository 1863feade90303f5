package dev.tributary.vertx.internal.disheap;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.FlowControl;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.GrpcStream;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One PopStream. The filter goes first, then credits as they are wanted. It ends by no more credits and a half-close, after which a
 * server sends what it had leased already. Everything happens on one event loop.
 */
final class Pop implements GrpcStream.Listener<PopItem> {
  /** Credits at a time: beyond 2^32 they wrap at the server. */
  private static final int MOST = 1_000;

  /** How long the end of a stream that says nothing is waited for. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final TimeSource time;
  private final ContextInternal loop;
  private final Mode mode;
  private final Taker taker;
  private final Heap heap;
  private final Leases leases;
  private final Duration lease;
  private final GrpcStream<PopOpen, PopItem> stream;
  private final List<CompletableFuture<?>> givingBack = new ArrayList<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private TimeSource.@Nullable Timer grace;
  private long wanted;
  private long outstanding;
  private boolean open;
  private boolean finishing;
  private boolean halfClosed;
  private boolean unwanted;
  private boolean heard;
  private boolean over;

  /** Who wants the jobs. Hears nothing more once it left. */
  interface Taker {
    /** The stream is open. */
    default void onOpen() {}

    void onJob(LeasedJob job);

    /** The last call. An error, or null if the server ended well, asked to or not. */
    void onEnd(@Nullable TributaryException error);
  }

  /**
   * Opens one.
   *
   * @param leases takes back what came and nobody wants
   */
  Pop(
      GrpcCaller caller,
      TimeSource time,
      ContextInternal loop,
      Heap heap,
      Mode mode,
      Set<Integer> partitions,
      Duration lease,
      Taker taker,
      Leases leases) {
    this.time = time;
    this.loop = loop;
    this.mode = mode;
    this.taker = taker;
    this.heap = heap;
    this.leases = leases;
    this.lease = lease;
    PopFilter filter =
        PopFilter.newBuilder().setTopic(heap.topic).addAllPartitionIds(partitions).setVisibilityTimeout(DisheapMapping.wire(lease)).build();
    this.stream = caller.converse(DisheapMethods.POP_STREAM, PopOpen.newBuilder().setFilter(filter).build(), loop, this);
  }

  /** This many jobs may come; fewer than before takes nothing back. */
  void want(long jobs) {
    wanted = jobs;
    grant();
  }

  /** Grants no more: what comes for the credits that are out is still taken, and then it ends. */
  void finish() {
    if (!finishing) {
      finishing = true;
      if (open) {
        halfClose();
      }
    }
  }

  /** Ends it, and gives back what still comes; completes when nothing is left. */
  CompletableFuture<Void> leave() {
    if (!unwanted) {
      unwanted = true;
      if (open) {
        // Whatever came beyond the credits goes back too.
        stream.request(MOST);
        wantNothing();
        finish();
      } else {
        abandon();
      }
    }
    return left;
  }

  @Override
  public void onSent() {
    open = true;
    outstanding = 0;
    halfClosed = false;
    taker.onOpen();
    grant();
    if (finishing) {
      halfClose();
    }
  }

  @Override
  public void onMessage(PopItem item) {
    heard = true;
    outstanding--;
    if (item.getMessageId().isEmpty() || item.getLeaseToken().isEmpty()) {
      stream.cancel();
      onEnd(
          new ProtocolViolationException(
              ErrorInfo.of("a job of " + heap.topic + " came without an id or a lease, so that nothing can become of it", "Check the server's version")));
      return;
    }
    LeasedJob job = leases.job(item, mode, stream.endpoint(), lease);
    if (unwanted) {
      givingBack.add(leases.giveBack(heap, job));
    } else {
      taker.onJob(job);
    }
  }

  @Override
  public void onGoingAway() {
    finish();
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    if (over) {
      return;
    }
    over = true;
    if (grace != null) {
      grace.cancel();
    }
    if (!unwanted) {
      unwanted = true;
      taker.onEnd(error);
    }
    leaveWhenGivenBack();
  }

  private void leaveWhenGivenBack() {
    CompletableFuture.allOf(givingBack.toArray(CompletableFuture[]::new))
        .whenComplete((back, failed) -> OnLoop.run(loop, left, done -> done.complete(null), left));
  }

  private void grant() {
    long more = Math.min(wanted, MOST) - outstanding;
    if (open && !halfClosed && !over && more > 0) {
      outstanding += more;
      stream.request(more);
      stream.send(PopOpen.newBuilder().setFlowControl(FlowControl.newBuilder().setCredits((int) more)).build());
    }
  }

  /** By a filter without a topic: else what gets ready before the server hears of the end would still come, and lose an attempt. */
  private void wantNothing() {
    if (!halfClosed && !over) {
      stream.send(PopOpen.newBuilder().setFilter(PopFilter.getDefaultInstance()).build());
    }
  }

  private void halfClose() {
    if (!halfClosed && !over) {
      halfClosed = true;
      stream.finishSending();
      awaitEnd();
    }
  }

  private void awaitEnd() {
    heard = false;
    grace =
        LoopTimer.after(
            time,
            loop,
            GRACE,
            () -> {
              if (heard && outstanding > 0) {
                awaitEnd();
              } else {
                waitNoLonger();
              }
            });
  }

  /** Nobody waits for the end any more. What the server leased may be on its way all the same: for as long as that lease, it goes back. */
  private void waitNoLonger() {
    stream.request(MOST);
    grace = LoopTimer.after(time, loop, lease, this::abandon);
    if (!unwanted) {
      unwanted = true;
      taker.onEnd(null);
    }
    leaveWhenGivenBack();
  }

  private void abandon() {
    stream.cancel();
    onEnd(null);
  }
}
