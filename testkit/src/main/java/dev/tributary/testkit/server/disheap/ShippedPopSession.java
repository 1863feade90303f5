package dev.tributary.testkit.server.disheap;

import com.google.protobuf.ByteString;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A stream of the shipped engine: as long as there are credits, it makes up ten messages a second. */
final class ShippedPopSession implements PopRpc.Session {
  private static final Duration PACE = Duration.ofMillis(100);
  private static final Duration LEASE = Duration.ofMinutes(5);
  private static final Duration AGE = Duration.ofMinutes(1);
  private static final long CREDITS = 0xFFFF_FFFFL;

  private final Heaps heaps;
  private final TimeSource time;
  private final ServerCall<PopOpen, PopItem> call;
  private long credits;
  private int filters;
  private @Nullable Heap heap;
  private TimeSource.@Nullable Timer timer;
  private CompletableFuture<?> finding = CompletableFuture.completedFuture(null);

  ShippedPopSession(Heaps heaps, TimeSource time, ServerCall<PopOpen, PopItem> call) {
    this.heaps = heaps;
    this.time = time;
    this.call = call;
  }

  @Override
  public void message(PopOpen message) {
    switch (message.getKindCase()) {
      case FLOW_CONTROL -> {
        credits = credits + Integer.toUnsignedLong(message.getFlowControl().getCredits()) & CREDITS;
        pace();
      }
      case FILTER -> filter(message.getFilter());
      case KIND_NOT_SET -> {}
    }
  }

  private void filter(PopFilter filter) {
    int number = ++filters;
    finding.cancel(true);
    heap = null;
    if (filter.getTopic().isEmpty()) {
      return;
    }
    heaps.queue(filter.getTopic());
    CompletableFuture<Heap> found = heaps.find(filter.getTopic(), call.deadline());
    finding = found;
    found.whenComplete((there, error) -> call.onContext(() -> found(number, there, error)));
  }

  private void found(int number, @Nullable Heap there, @Nullable Throwable error) {
    if (number != filters || call.ended()) {
      return;
    }
    heap = there;
    if (error == null) {
      pace();
    } else {
      call.fail(Steps.unwrap(error));
    }
  }

  private void pace() {
    if (timer == null && heap != null && credits > 0) {
      timer = time.schedule(PACE, () -> call.context().runOnContext(turn -> tick()));
    }
  }

  private void tick() {
    timer = null;
    Heap of = heap;
    if (call.ended() || of == null || credits == 0) {
      return;
    }
    if (call.response().writeQueueFull()) {
      pace();
      return;
    }
    credits--;
    of.pops.increment();
    // First the next one's time: whoever has this one may move the clock.
    pace();
    call.response().write(madeUp(of.topic()));
  }

  private PopItem madeUp(String topic) {
    Instant now = time.now();
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    return PopItem.newBuilder()
        .setMessageId("msg_" + nanos + "_0")
        .setTopic(topic)
        .setPayload(ByteString.copyFromUtf8("Nobody enqueued this into " + topic))
        .setPriority(100)
        .setEnqueuedTime(Mapping.wire(now.minus(AGE)))
        .setLeaseToken("lease_" + nanos + "_0")
        .setLeaseDeadline(Mapping.wire(now.plus(LEASE)))
        .setAttempts(1)
        .setMaxRetries(3)
        .setProducerId("test-producer")
        .setEpoch(1)
        .setSequence(1)
        .build();
  }

  /** Whatever credits are left. */
  @Override
  public void halfClosed() {
    call.end();
  }

  @Override
  public void close() {
    finding.cancel(true);
    if (timer != null) {
      timer.cancel();
    }
  }
}
